// Ce que le JavaScript ajoute partout : afficher un mot de passe, prendre une correction d'adresse sans renvoyer la page.
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

for (const champ of document.querySelectorAll("input[type=password]")) {
  const bouton = document.createElement("button");
  bouton.type = "button";
  bouton.className = "fr-btn fr-btn--tertiary-no-outline fr-btn--sm apart-voir";
  bouton.setAttribute("aria-controls", champ.id);
  bouton.setAttribute("aria-pressed", "false");
  bouton.textContent = "Afficher le mot de passe";
  bouton.addEventListener("click", () => {
    const montrer = champ.type === "password";
    champ.type = montrer ? "text" : "password";
    bouton.setAttribute("aria-pressed", String(montrer));
    bouton.textContent = montrer ? "Cacher le mot de passe" : "Afficher le mot de passe";
  });
  champ.form?.addEventListener("submit", () => { champ.type = "password"; });
  champ.after(bouton);
}
