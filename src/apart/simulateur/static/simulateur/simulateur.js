// Le calcul en direct (htmx) : ce qui est ouvert le reste, l'adresse suit la saisie, un envoi refusé se dit.
"use strict";
const detail = document.getElementById("detail");
const formulaire = document.getElementById("simulation");
let ouverts = [];

// Un navigateur sans champ de mois y montrerait « 2020-04 » sous « Exemple : 04/2020 ». Sa valeur d'origine change avec :
// rien n'a été saisi.
formulaire.querySelectorAll('input[type="month"]').forEach((champ) => {
  if (champ.type === "text") champ.defaultValue = champ.defaultValue.replace(/^(\d{4})-(\d{2})$/, "$2/$1");
});

document.addEventListener("htmx:beforeSwap", (evenement) => {
  if (evenement.detail.target !== detail) return;
  ouverts = [...detail.querySelectorAll("details")].map((bloc) => bloc.open);
});
document.addEventListener("htmx:afterSwap", (evenement) => {
  if (evenement.detail.target !== detail) return;
  detail.querySelectorAll("details").forEach((bloc, rang) => { bloc.open = ouverts[rang] === true; });
});
document.addEventListener("htmx:afterRequest", (evenement) => {
  const lien = evenement.detail.xhr && evenement.detail.xhr.getResponseHeader("X-Simulation");
  if (lien) history.replaceState(history.state, "", lien);
});

// Quitter la page couperait un calcul en cours, ce que htmx prend pour une panne : l'envoi attend qu'il finisse, et
// plus rien ne part ensuite. Un PDF se télécharge sans quitter la page.
let enCours = 0, partie = false;
document.addEventListener("htmx:beforeRequest", (evenement) => {
  if (partie) evenement.preventDefault();
  else enCours += 1;
});
document.addEventListener("htmx:afterRequest", () => { enCours = Math.max(0, enCours - 1); });
formulaire.addEventListener("submit", (evenement) => {
  const bouton = evenement.submitter || formulaire.boutonPresse;
  if (enCours) {
    evenement.preventDefault();
    document.addEventListener("htmx:afterRequest", () => bouton.click(), { once: true });
    return;
  }
  partie = bouton?.value !== "pdf";
});

// Le résultat reste à l'écran pendant que l'on saisit ; plus haut que la fenêtre, il défile d'abord jusqu'à sa fin.
const resume = document.getElementById("resume");
const placer = () => resume.style.setProperty("--simu-haut", `${Math.min(16, innerHeight - resume.offsetHeight - 16)}px`);
new ResizeObserver(placer).observe(resume);
window.addEventListener("resize", placer);

// Une durée de plus de 35 h fait apparaître la question des heures structurelles, sous elle.
formulaire.addEventListener("input", ({ target }) => {
  if (!target.name?.endsWith("-duree_hebdomadaire")) return;
  const question = document.getElementById(target.name.replace("duree_hebdomadaire", "structurelles"));
  const heures = parseFloat(target.value.replace(",", ".").replace(/\s*[hH:]\s*(\d\d)$/, (_, minutes) => `.${minutes}`));
  question.hidden = !(heures > 35);
});

// Ce qui a été saisi avant l'arrivée de ce script, ou que le navigateur a remis en revenant, se calcule aussi.
function modifie(champ) {
  if (!champ.options) return champ.value !== champ.defaultValue || champ.checked !== champ.defaultChecked;
  return champ.selectedIndex !== Math.max(0, [...champ.options].findIndex((choix) => choix.defaultSelected));
}
window.addEventListener("pageshow", () => {
  partie = false;
  const saisis = [...formulaire.querySelectorAll("input, select, textarea")];
  if (saisis.some(modifie)) formulaire.dispatchEvent(new Event("input"));
});

for (const panne of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(panne, () => {
    const phrase = Object.assign(document.createElement("p"), {
      textContent: "Le calcul en direct n'a pas abouti : votre saisie est toujours là. Appuyez sur « Calculer ».",
    });
    resume.replaceChildren(resume.querySelector("h2"), phrase);
    document.getElementById("annonce").textContent = phrase.textContent;
  });
}
