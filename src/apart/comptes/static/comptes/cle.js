// Clés d'accès (WebAuthn) : créer ou employer, puis envoyer la réponse du navigateur au serveur, qui juge.
const octets = (texte) => {
  const base64 = texte.replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(base64 + "=".repeat((4 - (base64.length % 4)) % 4)), (c) => c.charCodeAt(0));
};

const texte = (tampon) =>
  btoa(String.fromCharCode(...new Uint8Array(tampon))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const cles = (liste) => (liste ?? []).map((cle) => ({ ...cle, id: octets(cle.id) }));

async function creer({ publicKey }) {
  const cle = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: octets(publicKey.challenge),
      user: { ...publicKey.user, id: octets(publicKey.user.id) },
      excludeCredentials: cles(publicKey.excludeCredentials),
    },
  });
  return {
    ...commun(cle),
    response: {
      clientDataJSON: texte(cle.response.clientDataJSON),
      attestationObject: texte(cle.response.attestationObject),
      transports: cle.response.getTransports?.() ?? [],
    },
  };
}

async function employer({ publicKey }) {
  const cle = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: octets(publicKey.challenge),
      allowCredentials: cles(publicKey.allowCredentials),
    },
  });
  return {
    ...commun(cle),
    response: {
      clientDataJSON: texte(cle.response.clientDataJSON),
      authenticatorData: texte(cle.response.authenticatorData),
      signature: texte(cle.response.signature),
      userHandle: cle.response.userHandle ? texte(cle.response.userHandle) : null,
    },
  };
}

const commun = (cle) => ({
  type: cle.type,
  id: cle.id,
  rawId: texte(cle.rawId),
  authenticatorAttachment: cle.authenticatorAttachment,
  clientExtensionResults: cle.getClientExtensionResults(),
});

// Pourquoi le navigateur a dit non, et que faire ; « nom » est celui auquel le service lie ses clés.
function expliquer(refus, nom) {
  if (refus.name === "InvalidStateError") return "Cette clé est déjà enregistrée pour votre compte.";
  if (refus.name !== "SecurityError") {
    return "Rien n'a été confirmé : la demande a été annulée, ou le temps a passé. Vous pouvez recommencer.";
  }
  const ailleurs = new URL(location.origin);
  ailleurs.hostname = nom;
  return nom !== location.hostname && ailleurs.hostname === nom
    ? `Une clé d'accès ne marche pas à l'adresse ${location.host}. Connectez-vous à ${ailleurs.href} puis recommencez.`
    : `Une clé d'accès ne marche pas à l'adresse ${location.host}. L'application d'authentification, si.`;
}

for (const formulaire of document.querySelectorAll("[data-cle]")) {
  const bouton = formulaire.querySelector("button");
  const etat = formulaire.querySelector("[role=status]");
  if (!window.PublicKeyCredential) {
    etat.textContent = "Ce navigateur ne connaît pas les clés d'accès, ou l'adresse de ce site n'est pas en https.";
    continue;
  }
  bouton.hidden = false;
  bouton.addEventListener("click", async () => {
    const options = JSON.parse(document.getElementById("options-de-cle").textContent);
    const demande = formulaire.dataset.cle === "creer" ? options.creation_options : options.request_options;
    etat.textContent = "Votre navigateur vous demande de confirmer…";
    try {
      const reponse = await (formulaire.dataset.cle === "creer" ? creer(demande) : employer(demande));
      formulaire.querySelector("[name=credential]").value = JSON.stringify(reponse);
      formulaire.submit();
    } catch (refus) {
      etat.textContent = expliquer(refus, demande.publicKey.rp?.id ?? demande.publicKey.rpId);
    }
  });
}
