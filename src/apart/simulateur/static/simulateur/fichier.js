// Un gros fichier : l'envoi se mesure, puis le serveur dit à quelle étape il en est. Un petit part comme sans ce script.
"use strict";
{ // la page de résultats, écrite à la place de celle-ci, relit ce script
const GROS = 500_000; // octets
const PERMIS = 20 * 1024 * 1024; // au-delà, l'envoi serait coupé sans que le navigateur montre la réponse

for (const formulaire of document.querySelectorAll("form[data-etapes]")) {
  formulaire.addEventListener("submit", (evenement) => {
    const fichier = formulaire.querySelector("input[type=file]")?.files[0];
    if (!fichier || fichier.size < GROS) return;
    evenement.preventDefault();
    if (fichier.size > PERMIS) {
      refuser(formulaire.querySelector("[data-progression]"));
      return;
    }
    const donnees = new FormData(formulaire);
    const bouton = evenement.submitter || formulaire.boutonPresse;
    if (bouton && bouton.name) donnees.append(bouton.name, bouton.value); // en second argument, Safari d'avant 16.4 l'oublie
    envoyer(formulaire, donnees);
  });
}

function refuser(bloc) {
  bloc.querySelector("progress").hidden = true;
  bloc.hidden = false;
  bloc.querySelector("p").textContent = "Ce fichier dépasse 20 Mo : il n'a pas été envoyé. Coupez-le en plusieurs, ou ôtez les colonnes dont le calcul n'a pas besoin.";
}

function envoyer(formulaire, donnees) {
  const bloc = formulaire.querySelector("[data-progression]");
  const [phrase, barre] = [bloc.querySelector("p"), bloc.querySelector("progress")];
  const boutons = formulaire.querySelectorAll("button");
  const dire = (texte, part) => {
    phrase.textContent = texte;
    if (part === undefined) barre.removeAttribute("value");
    else barre.value = part;
  };
  const finir = (texte) => {
    boutons.forEach((bouton) => { bouton.disabled = false; });
    bloc.hidden = !texte;
    barre.hidden = true;
    phrase.textContent = texte;
  };
  boutons.forEach((bouton) => { bouton.disabled = true; });
  bloc.hidden = barre.hidden = false;
  dire("Envoi du fichier…", 0);

  const envoi = new XMLHttpRequest();
  envoi.open("POST", formulaire.action);
  envoi.setRequestHeader("X-Etapes", "1");
  envoi.upload.addEventListener("progress", ({ loaded, total }) => dire("Envoi du fichier…", Math.round((100 * loaded) / total)));
  envoi.addEventListener("progress", () => {
    const lignes = envoi.responseText.split("\n").slice(0, -1);
    const etape = lignes.length ? JSON.parse(lignes.at(-1)).etape : undefined;
    if (etape) dire(etape);
  });
  envoi.addEventListener("error", () => finir("L'envoi a été interrompu. Rien n'a été gardé : vérifiez votre connexion, puis renvoyez le fichier."));
  envoi.addEventListener("load", () => {
    if (envoi.status !== 200) { // trop d'envois, page périmée, fichier trop lourd : la page reçue le dit
      montrer(envoi.responseText);
      return;
    }
    const derniere = envoi.responseText.trimEnd().split("\n").at(-1);
    try {
      recevoir(JSON.parse(derniere), finir);
    } catch {
      finir("Le calcul s'est interrompu. Rien n'a été gardé : renvoyez le fichier, ou coupez-le en deux.");
    }
  });
  envoi.send(donnees);
}

function montrer(page) {
  document.open();
  document.write(page);
  document.close();
}

function recevoir({ contenu, nom, type }, finir) {
  const octets = Uint8Array.from(atob(contenu), (signe) => signe.charCodeAt(0));
  if (!nom) {
    montrer(new TextDecoder().decode(octets));
    return;
  }
  const lien = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([octets], { type })), download: nom });
  document.body.append(lien);
  lien.click();
  lien.remove();
  setTimeout(() => URL.revokeObjectURL(lien.href), 60_000);
  finir(`« ${nom} » est dans vos téléchargements.`);
}
}
