// Le calcul en direct (htmx) : ce qui est ouvert le reste, l'adresse suit la saisie, un envoi refusé se dit.
"use strict";
const detail = document.getElementById("detail");
const formulaire = document.getElementById("simulation");
let ouverts = [];

document.addEventListener("htmx:beforeSwap", (evenement) => {
  if (evenement.detail.target !== detail) return;
  ouverts = [...detail.querySelectorAll("details")].map((bloc) => bloc.open);
});
document.addEventListener("htmx:afterSwap", (evenement) => {
  if (evenement.detail.target !== detail) return;
  detail.querySelectorAll("details").forEach((bloc, rang) => { bloc.open = ouverts[rang] === true; });
  montrerLaCopie();
});
document.addEventListener("htmx:afterRequest", (evenement) => {
  const lien = evenement.detail.xhr && evenement.detail.xhr.getResponseHeader("X-Simulation");
  if (lien) history.replaceState(history.state, "", lien);
});
for (const panne of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(panne, () => {
    const phrase = Object.assign(document.createElement("p"), {
      textContent: "Le calcul en direct n'a pas abouti : votre saisie est toujours là. Appuyez sur « Calculer ».",
    });
    document.getElementById("resume").replaceChildren(phrase);
    document.getElementById("annonce").textContent = phrase.textContent;
  });
}

function montrerLaCopie() {
  for (const bouton of document.querySelectorAll("[data-copier]")) bouton.hidden = !navigator.clipboard;
}
document.addEventListener("click", async (evenement) => {
  const bouton = evenement.target.closest("[data-copier]");
  if (!bouton) return;
  await navigator.clipboard.writeText(document.getElementById(bouton.dataset.copier).value);
  bouton.textContent = "Lien copié";
  document.getElementById("lien-copie").textContent = "Le lien est copié.";
});
montrerLaCopie();
