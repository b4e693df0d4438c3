// Ne montre que les fiches du motif choisi, dépliées ; sans JavaScript, chaque motif se déplie.
"use strict";
document.querySelectorAll("[data-fiches-du-motif]").forEach((cadre) => {
  const choix = document.getElementById(cadre.dataset.fichesDuMotif);
  const blocs = cadre.querySelectorAll("[data-motif]");
  const montrer = () => {
    cadre.hidden = !choix.value;
    blocs.forEach((bloc) => { bloc.hidden = bloc.dataset.motif !== choix.value; });
    blocs.forEach((bloc) => { bloc.open = !bloc.hidden; });
  };
  choix.addEventListener("change", montrer);
  montrer();
});
