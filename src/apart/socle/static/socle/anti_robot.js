// Contrôle de sécurité : résout le défi pendant que la personne remplit le formulaire (docs/decisions/0004-controle-de-securite.md).
// Le calcul est celui d'ALTCHA (vendor/altcha), dans des Web Workers ; rien n'est demandé à la personne.
"use strict";

(() => {
  const VALIDITE = 18 * 60 * 1000; // le défi dure 20 minutes
  const DELAI_ENVOI = 15 * 1000; // sans réponse après cela, on peut envoyer de nouveau
  const depart = performance.now();

  const attendre = (duree) => new Promise((suite) => setTimeout(suite, Math.max(0, duree)));

  function chercher(challenge, ouvrier) {
    const nombre = Math.min(4, navigator.hardwareConcurrency || 1);
    const equipe = Array.from({ length: nombre }, () => new Worker(ouvrier));
    return new Promise((trouver, renoncer) => {
      equipe.forEach((worker, rang) => {
        worker.onmessage = ({ data }) => (data && data.derivedKey ? trouver(data) : renoncer(new Error("sans solution")));
        worker.onerror = () => renoncer(new Error("worker"));
        worker.postMessage({ type: "work", challenge, counterStart: rang, counterStep: nombre });
      });
    }).finally(() => equipe.forEach((worker) => worker.terminate()));
  }

  async function resoudre(bloc) {
    // crypto.subtle n'existe qu'en https ou sur la machine elle-même.
    if (!window.crypto.subtle) throw new Error("contexte non sûr");
    const reponse = await fetch(bloc.dataset.antiRobot + ("refaire" in bloc.dataset ? "?majore=1" : ""), { cache: "no-store" });
    if (!reponse.ok) throw new Error(`défi refusé : ${reponse.status}`);
    const challenge = await reponse.json();
    return btoa(JSON.stringify({ challenge, solution: await chercher(challenge, bloc.dataset.ouvrier) }));
  }

  function surveiller(bloc) {
    const formulaire = bloc.closest("form");
    const preuve = bloc.querySelector("[name=altcha]");
    const etat = bloc.querySelector("[role=status]");
    let travail = null;
    let commence = 0;
    let phase = "libre";

    function oublier() {
      travail = null;
      preuve.value = etat.textContent = "";
    }

    function recommencer() {
      phase = "libre";
      oublier();
    }

    // Si le calcul est impossible ici, la page se déclare sans JavaScript : limites plus basses, mais pas d'impasse.
    function renoncer() {
      const marqueur = document.createElement("input");
      Object.assign(marqueur, { type: "hidden", name: "sans_javascript", value: "1" });
      bloc.append(marqueur);
    }

    function preparer() {
      if (travail && performance.now() - commence > VALIDITE) oublier();
      if (!travail) {
        commence = performance.now();
        travail = resoudre(bloc).then((texte) => {
          preuve.value = texte;
          etat.textContent = "Contrôle terminé.";
        }).catch(renoncer);
      }
      return travail;
    }

    async function envoyer(bouton) {
      phase = "attente";
      await preparer();
      await attendre(depart + Number(bloc.dataset.patience) - performance.now());
      phase = "envoi";
      bouton.click(); // requestSubmit manque à Safari d'avant 16
      await attendre(DELAI_ENVOI);
      recommencer();
    }

    formulaire.addEventListener("submit", (evenement) => {
      if (phase === "envoi") {
        phase = "parti"; // un double clic n'envoie pas deux fois la même preuve
        return;
      }
      evenement.preventDefault();
      if (phase !== "libre") return;
      if (!preuve.value) etat.textContent = "Contrôle en cours, l'envoi suit.";
      envoyer(evenement.submitter || formulaire.boutonPresse);
    });
    formulaire.addEventListener("focusin", preparer);
    if (formulaire.contains(document.activeElement)) preparer();
    // La preuve venait d'un autre réseau : elle se refait, et l'envoi suit, sans rien demander.
    if ("refaire" in bloc.dataset) {
      etat.textContent = "Contrôle en cours, l'envoi suit.";
      envoyer(formulaire.querySelector("button:not([type]), [type=submit]"));
    }
    // Page retrouvée par « précédent » : sa preuve a déjà servi.
    window.addEventListener("pageshow", ({ persisted }) => persisted && recommencer());
  }

  document.querySelectorAll("[data-anti-robot]").forEach(surveiller);
})();
