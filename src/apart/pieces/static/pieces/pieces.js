// Des pièces trop lourdes ou trop nombreuses se disent avant l'envoi : coupé en route, il perdrait aussi le message.
"use strict";
{
  const OCTETS = 10 * 1024 * 1024;
  const EN_TOUT = 20 * 1024 * 1024;
  const refus = (fichiers, nombre) => {
    const lourd = fichiers.find((fichier) => fichier.size > OCTETS);
    if (lourd) return `« ${lourd.name} » dépasse 10 Mo. Réduisez l'image ou coupez le document, puis choisissez-le de nouveau.`;
    if (fichiers.length > nombre) return `Vous avez choisi ${fichiers.length} pièces, il en faut ${nombre} au plus. Envoyez les autres dans un second message.`;
    if (fichiers.reduce((total, fichier) => total + fichier.size, 0) > EN_TOUT) return "Vos pièces dépassent 20 Mo en tout. Réduisez-les, ou envoyez-les en plusieurs messages.";
    return "";
  };
  for (const champ of document.querySelectorAll("input[type=file][data-pieces]")) {
    const phrase = document.createElement("p");
    phrase.className = "fr-message fr-message--error";
    phrase.id = `${champ.id}_refus`;
    phrase.setAttribute("role", "alert");
    phrase.hidden = true;
    champ.closest(".fr-upload-group").append(phrase);
    const decrit = champ.getAttribute("aria-describedby") || "";
    champ.setAttribute("aria-describedby", `${decrit} ${phrase.id}`.trim());
    // Un champ par sorte de pièce : leur nombre et leur poids sont ceux de l'envoi, dits sous celui que l'on remplit.
    const choisis = () => [...champ.form.querySelectorAll("input[type=file][data-pieces]")].flatMap((autre) => [...autre.files]);
    const dire = () => {
      phrase.textContent = champ.files.length ? refus(choisis(), Number(champ.dataset.pieces)) : "";
      phrase.hidden = !phrase.textContent;
      return phrase.textContent;
    };
    champ.addEventListener("change", dire);
    champ.form.addEventListener("submit", (envoi) => {
      if (!dire()) return;
      envoi.preventDefault();
      envoi.stopImmediatePropagation();
      champ.focus();
    }, true);
  }
}
