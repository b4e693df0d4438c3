// Le nom et la commune pendant la frappe. Sans JavaScript, le serveur vérifie tout à l'envoi, et le dit pareil.
const champ = document.querySelector("[data-creer-siret] [name=siret]");
const reconnu = document.querySelector("[data-siret-reconnu]");
const attente = reconnu.querySelector("[data-attente]");
let dernier = "";

function constats({ etat, denomination, ville }) {
  return {
    ouvert: ["success", denomination || "Établissement dont le nom n'est pas au répertoire", ville],
    ferme: ["error", "Cet établissement est fermé, d'après le répertoire.", "Prenez le SIRET d'un établissement ouvert."],
    cle: ["error", "Ce numéro contient une faute de frappe : sa clé de contrôle ne correspond pas. Vérifiez chaque chiffre."],
    absent: ["warning", "Ce SIRET n'est pas au répertoire.", "Vérifiez-le ; s'il est juste, vous pourrez continuer."],
  }[etat];
}

function montrer(constat) {
  if (!constat) {
    reconnu.replaceChildren(attente);
    return;
  }
  const [niveau, fort, suite] = constat;
  const alerte = document.createElement("div");
  alerte.className = `fr-alert fr-alert--${niveau} fr-alert--sm`;
  alerte.append(Object.assign(document.createElement("p"), { className: suite ? "fr-text--bold" : "", textContent: fort }));
  if (suite) alerte.append(Object.assign(document.createElement("p"), { textContent: suite }));
  reconnu.replaceChildren(alerte);
}

async function reconnaitre() {
  // Comme socle.saisies.siret : ni signe invisible, ni espace, ni tiret, ni point ; des chiffres de toute largeur.
  const siret = champ.value.normalize("NFKC").replace(/[\p{Z}\p{C}\p{M}\p{Pd}\u2212.]/gu, "");
  if (siret === dernier) return;
  dernier = siret;
  montrer();
  if (!/^[0-9]{14}$/.test(siret)) return;
  const reponse = await fetch(`/espace/siret/${siret}/`);
  if (!reponse.ok || siret !== dernier) return;
  montrer(constats(await reponse.json()));
}

champ.addEventListener("input", reconnaitre);
// Refusé par le serveur, le numéro a déjà sa phrase.
if (champ.getAttribute("aria-invalid") !== "true") reconnaitre();
