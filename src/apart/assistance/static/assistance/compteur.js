// Compte les caractères d'un texte comme le serveur : lettres accentuées composées, saut de ligne pour un signe.
"use strict";
document.querySelectorAll("textarea[data-compteur]").forEach((zone) => {
  const limite = Number(zone.dataset.compteur);
  const etat = document.createElement("p");
  etat.className = "fr-hint-text";
  etat.id = `${zone.id}_compteur`;
  etat.setAttribute("aria-live", "polite");
  zone.after(etat);
  zone.setAttribute("aria-describedby", `${zone.getAttribute("aria-describedby") || ""} ${etat.id}`.trim());
  const compter = () => {
    const nombre = [...zone.value.normalize("NFC").trim()].length;
    const reste = limite - nombre;
    const pluriel = Math.abs(reste) > 1 ? "s" : "";
    etat.textContent = reste >= 0
      ? `${reste.toLocaleString("fr-FR")} caractère${pluriel} restant${pluriel}`
      : `${(-reste).toLocaleString("fr-FR")} caractère${pluriel} de trop`;
    etat.className = reste >= 0 ? "fr-hint-text" : "fr-message fr-message--error";
  };
  zone.addEventListener("input", compter);
  compter();
});
