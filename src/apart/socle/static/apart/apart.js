// Ce que le JavaScript ajoute partout : afficher un mot de passe, copier un texte, corriger une adresse sans renvoyer.
for (const bouton of document.querySelectorAll("[data-corriger]")) {
  bouton.addEventListener("click", (evenement) => {
    const champ = document.getElementById(bouton.dataset.corriger);
    if (!champ) return;
    evenement.preventDefault();
    const faute = champ.value;
    for (const autre of champ.form.querySelectorAll("input[type=email]")) {
      if (autre.value === faute) autre.value = bouton.value;
    }
    const groupe = champ.closest(".fr-input-group");
    groupe.classList.remove("fr-input-group--error");
    groupe.querySelector(".fr-messages-group")?.remove();
    bouton.parentElement.remove();
    champ.removeAttribute("aria-invalid");
    champ.focus();
  });
}

// La case « Afficher » n'existe qu'avec JavaScript : elle ne servirait à rien sans lui.
for (const bloc of document.querySelectorAll(".fr-password")) {
  const champ = bloc.querySelector(".fr-password__input");
  if (!champ || bloc.querySelector(".fr-password__checkbox")) continue;
  const id = `${champ.id}-afficher`;
  const groupe = document.createElement("div");
  groupe.className = "fr-password__checkbox fr-checkbox-group fr-checkbox-group--sm";
  const coche = Object.assign(document.createElement("input"), { type: "checkbox", id });
  const libelle = Object.assign(document.createElement("label"), { className: "fr-label", htmlFor: id, textContent: "Afficher" });
  libelle.append(Object.assign(document.createElement("span"), { className: "fr-sr-only", textContent: " le mot de passe" }));
  groupe.append(coche, libelle);
  bloc.append(groupe);
  coche.addEventListener("change", () => { champ.type = coche.checked ? "text" : "password"; });
  champ.form?.addEventListener("submit", () => { champ.type = "password"; });
}

// Un champ de fichier parle la langue du navigateur, pas celle de la page : un bouton et un nom à nous se posent dessous.
// Le champ reste, transparent, au-dessus : il se clique, se dépose et se prend au clavier comme avant.
for (const champ of document.querySelectorAll("input[type=file].fr-upload")) {
  const cadre = document.createElement("div");
  cadre.className = "apart-fichier";
  const bouton = Object.assign(document.createElement("span"), { className: "fr-btn fr-btn--secondary", textContent: champ.multiple ? "Choisir des fichiers" : "Choisir un fichier" });
  bouton.setAttribute("aria-hidden", "true"); // le champ porte déjà son nom
  const nom = Object.assign(document.createElement("span"), { className: "apart-fichier__nom" });
  nom.setAttribute("role", "status");
  const dire = () => { nom.textContent = [...champ.files].map(({ name }) => name).join(", ") || "Aucun fichier choisi"; };
  champ.before(cadre);
  cadre.append(bouton, nom, champ);
  champ.addEventListener("change", dire);
  window.addEventListener("pageshow", dire); // « précédent » rend parfois le fichier choisi
  dire();
}

// « Copier » n'existe qu'avec JavaScript, sur une page que le navigateur dit sûre ; le texte se choisit à la main sans lui.
function montrerLaCopie() {
  for (const bouton of document.querySelectorAll("[data-copier]")) bouton.hidden = !navigator.clipboard;
}
document.addEventListener("click", async ({ target }) => {
  const bouton = target.closest("[data-copier]");
  if (!bouton) return;
  await navigator.clipboard.writeText(document.getElementById(bouton.dataset.copier).value);
  bouton.textContent = bouton.dataset.copie;
  document.getElementById(`${bouton.dataset.copier}-copie`).textContent = `${bouton.dataset.copie}.`;
});
document.addEventListener("htmx:afterSwap", montrerLaCopie);
montrerLaCopie();

// Le bouton qui envoie : avant 15.4, Safari ne le dit pas dans l'évènement « submit ». La touche Entrée le presse aussi.
document.addEventListener("click", ({ target }) => {
  const bouton = target.closest("button, input");
  if (bouton && bouton.form && bouton.type === "submit") bouton.form.boutonPresse = bouton;
}, true);

// Une page que « précédent » rend telle quelle porte une clé déjà employée (socle.envois) : y renvoyer est voulu, c'est
// un autre envoi. La page d'un geste fait, elle, se revoit : y renvoyer la même chose la montre de nouveau.
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || location.pathname.startsWith("/revoir/")) return;
  for (const formulaire of document.querySelectorAll("form[method=post]")) {
    const champ = Object.assign(document.createElement("input"), { type: "hidden", name: "page_retrouvee", value: Date.now() });
    formulaire.append(champ);
  }
});
