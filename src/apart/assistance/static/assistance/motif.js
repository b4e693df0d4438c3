// Ne montre que les fiches du motif choisi ; sans JavaScript, celles de tous les motifs restent visibles.
"use strict";
document.querySelectorAll("[data-fiches-du-motif]").forEach((cadre) => {
  const choix = document.getElementById(cadre.dataset.fichesDuMotif);
  const blocs = cadre.querySelectorAll("[data-motif]");
  if (!choix || blocs.length < 2) return;
  const montrer = () => blocs.forEach((bloc) => { bloc.hidden = bloc.dataset.motif !== choix.value; });
  const cacher = () => { cadre.hidden = !choix.value; };
  choix.addEventListener("change", () => { montrer(); cacher(); });
  montrer();
  cacher();
});
