// Le bureau a plusieurs formulaires côte à côte : en envoyer un ne perd pas ce que l'on tapait dans un autre. Gardé dans
// cet onglet et pour cet agent seulement, jusqu'à son envoi ou la fermeture de l'onglet.
"use strict";
{
  const garder = (cle, texte) => {
    try {
      if (texte) sessionStorage.setItem(cle, texte);
      else sessionStorage.removeItem(cle);
    } catch { /* stockage refusé */ }
  };
  const garde = (cle) => { try { return sessionStorage.getItem(cle) || ""; } catch { return ""; } };
  for (const formulaire of document.querySelectorAll("form[data-brouillon]")) {
    const zone = formulaire.querySelector("textarea");
    const cle = `brouillon ${formulaire.dataset.brouillon}`;
    if (zone.value) garder(cle, zone.value); // renvoyée à corriger
    else if (garde(cle)) {
      zone.value = garde(cle);
      zone.dispatchEvent(new Event("input"));
    }
    zone.addEventListener("input", () => garder(cle, zone.value));
    formulaire.addEventListener("submit", () => garder(cle, ""));
  }
  const reponse = document.querySelector("form[data-brouillon^='reponse'] textarea");
  document.querySelector("form[data-clore]")?.addEventListener("submit", (envoi) => {
    const question = "Votre réponse n'est pas envoyée. Clore la demande sans elle ?";
    if (reponse?.value.trim() && !confirm(question)) envoi.preventDefault();
  });
}
