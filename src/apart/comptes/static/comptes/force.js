// La jauge d'un mot de passe, en mots. Elle encourage ; c'est le serveur qui juge.
for (const bloc of document.querySelectorAll("[data-force]")) {
  const champ = document.getElementById(bloc.dataset.force);
  const longueur = bloc.querySelector("[data-force-longueur]");
  const mots = bloc.querySelector("[data-force-mots]");
  const MINIMUM = 15;

  const dire = (valeur) => {
    const signes = [...valeur].length;
    if (signes === 0) return "";
    if (signes < MINIMUM) {
      const manque = MINIMUM - signes;
      return `Encore ${manque} signe${manque > 1 ? "s" : ""}.`;
    }
    if (new Set(valeur.toLowerCase()).size < 6) return "Assez long, mais toujours les mêmes signes.";
    if (signes >= 25 || valeur.trim().split(/\s+/).length >= 4) return "Long : solide s'il ne reprend rien de connu.";
    return "Assez long. Un ou deux mots de plus le rendraient bien plus solide.";
  };

  let attente;
  champ.addEventListener("input", () => {
    const assez = [...champ.value].length >= MINIMUM;
    longueur.classList.toggle("fr-message--valid", assez);
    longueur.classList.toggle("fr-message--info", !assez);
    clearTimeout(attente);
    attente = setTimeout(() => { mots.textContent = dire(champ.value); }, 400);
  });
}
