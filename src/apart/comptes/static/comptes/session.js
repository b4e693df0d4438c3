// Prévenir cinq minutes avant la fin de la session, et la prolonger sans quitter la page.
const bloc = document.querySelector("[data-session-fin]");
if (bloc) {
  const CLE = "apart-fin-de-session"; // partagée entre les onglets : une activité dans l'un compte pour tous
  const AVANT = 5 * 60 * 1000;
  const alerte = bloc.querySelector("[data-session-alerte]");
  const heure = bloc.querySelector("[data-session-heure]");
  const formulaire = bloc.querySelector("form");
  const secondes = (nom) => Number(bloc.dataset[nom]);
  let minuteur;

  // « 2 h 04 » : Firefox écrit « 02:04 », Chromium « 2:04 » ; et la ligne ne s'y coupe pas.
  const enHeure = (instant) =>
    new Date(instant).toLocaleTimeString("fr-FR", { hour: "numeric", minute: "2-digit", timeZone: "Europe/Paris" })
      .replace(/^0(?=\d)/, "").replace(":", "\u00a0h\u00a0");
  const retenir = (fin) => { try { localStorage.setItem(CLE, String(fin)); } catch { /* stockage refusé */ } };
  const retenue = () => { try { return Number(localStorage.getItem(CLE)) || 0; } catch { return 0; } };

  function guetter(fin) {
    clearTimeout(minuteur);
    heure.textContent = `${enHeure(fin)}, heure de Paris`;
    const reste = fin - Date.now();
    if (reste > AVANT) {
      alerte.textContent = "";
      formulaire.hidden = true;
      minuteur = setTimeout(() => guetter(Math.max(fin, retenue())), reste - AVANT + 1000);
      return;
    }
    const finie = reste <= 0;
    const phrase = document.createElement("p");
    phrase.textContent = finie
      ? "Votre session est fermée. Copiez ce que vous avez tapé avant de vous reconnecter."
      : `Votre session se ferme à ${enHeure(fin)}. Prolongez-la pour ne rien perdre.`;
    const boite = document.createElement("div");
    boite.className = "fr-alert fr-alert--warning fr-alert--sm fr-mb-1w";
    boite.append(phrase);
    alerte.replaceChildren(boite);
    formulaire.hidden = finie;
    if (!finie) minuteur = setTimeout(() => guetter(Math.max(fin, retenue())), Math.min(reste + 1000, 60000));
  }

  formulaire.addEventListener("submit", async (evenement) => {
    evenement.preventDefault();
    const reponse = await fetch(formulaire.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new FormData(formulaire),
    }).catch(() => null);
    if (!reponse?.ok || reponse.redirected) { formulaire.submit(); return; }
    const { reste } = await reponse.json();
    const fin = Date.now() + reste * 1000;
    retenir(fin);
    guetter(fin);
  });

  const fin = Date.now() + (secondes("sessionFin") - secondes("sessionMaintenant")) * 1000;
  retenir(fin);
  guetter(fin);
}
