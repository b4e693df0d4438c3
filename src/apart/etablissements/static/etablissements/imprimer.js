const bouton = document.querySelector("[data-imprimer]");
if (bouton) {
  bouton.hidden = false;
  bouton.addEventListener("click", () => window.print());
}
