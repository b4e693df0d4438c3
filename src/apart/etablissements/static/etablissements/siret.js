// Le nom et la commune pendant la frappe, et VALIDER inactif tant que la case n'est pas cochée.
// Sans JavaScript, le serveur vérifie tout à l'envoi.
const formulaire = document.querySelector("[data-creer-siret]");
const champ = formulaire.querySelector("[name=siret]");
const reconnu = formulaire.querySelector("[data-siret-reconnu]");
const cgu = formulaire.querySelector("[name=cgu]");
const valider = formulaire.querySelector("[data-valider]");
let dernier = "";

function activer() {
  valider.disabled = !cgu.checked;
}

async function reconnaitre() {
  const siret = champ.value.replace(/[\s.\u00a0\u202f-]/g, "");
  if (siret === dernier) return;
  dernier = siret;
  reconnu.textContent = "";
  if (!/^[0-9]{14}$/.test(siret)) return;
  const reponse = await fetch(`/espace/siret/${siret}/`);
  if (!reponse.ok || siret !== dernier) return;
  const { etat, denomination, ville } = await reponse.json();
  const phrases = {
    ouvert: [denomination || "Établissement dont le nom n'est pas au répertoire", ville].filter(Boolean).join(", "),
    ferme: "D'après le répertoire, cet établissement est fermé.",
    cle: "Ce numéro contient une faute de frappe : sa clé de contrôle ne correspond pas. Vérifiez chaque chiffre.",
    absent: "Ce SIRET n'est pas au répertoire. Vérifiez-le ; s'il est juste, vous pourrez continuer.",
  };
  reconnu.textContent = phrases[etat] || "";
}

champ.addEventListener("input", reconnaitre);
cgu.addEventListener("change", activer);
activer();
// Refusé par le serveur, le numéro a déjà sa phrase.
if (champ.getAttribute("aria-invalid") !== "true") reconnaitre();
