// Flèches haut et bas, Début et Fin : passer d'une demande à l'autre quand la file a le focus.
"use strict";
document.querySelectorAll("[data-file]").forEach((file) => {
  const liens = [...file.querySelectorAll("tbody th a, li > a")];
  file.addEventListener("keydown", (evenement) => {
    const rang = liens.indexOf(document.activeElement);
    const rangs = { ArrowDown: rang + 1, ArrowUp: rang - 1, Home: 0, End: liens.length - 1 };
    const lien = liens[rangs[evenement.key]];
    if (!lien || evenement.altKey || evenement.ctrlKey || evenement.metaKey) return;
    evenement.preventDefault();
    lien.focus();
  });
});
