// Afficher ou cacher un mot de passe : la case n'existe qu'avec JavaScript, elle ne servirait à rien sans lui.
for (const bloc of document.querySelectorAll(".fr-password")) {
  const champ = bloc.querySelector(".fr-password__input");
  if (!champ || bloc.querySelector(".fr-password__checkbox")) continue;
  const id = `${champ.id}-afficher`;
  const groupe = document.createElement("div");
  groupe.className = "fr-password__checkbox fr-checkbox-group fr-checkbox-group--sm";
  const caseACocher = Object.assign(document.createElement("input"), { type: "checkbox", id });
  const libelle = Object.assign(document.createElement("label"), {
    className: "fr-label",
    htmlFor: id,
    textContent: "Afficher le mot de passe",
  });
  groupe.append(caseACocher, libelle);
  bloc.append(groupe);
  caseACocher.addEventListener("change", () => {
    champ.type = caseACocher.checked ? "text" : "password";
  });
  champ.form?.addEventListener("submit", () => {
    champ.type = "password";
  });
}
