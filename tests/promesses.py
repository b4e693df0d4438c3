"""Les phrases qui promettent un geste, et l'adresse qui le fait. Une phrase sans adresse ne s'écrit pas.

Chaque phrase est citée comme tests/textes.py la lit ; tests/test_promesses.py la cherche, et celles qui manquent.
"""

from __future__ import annotations

REPOND, REPART, RENVOIE = "bureau-repondre", "bureau-repartir", "bureau-renvoyer"
LIT, EXAMINE = "reprises-lever-opposition", "reprises-examiner"

PROMESSES: dict[str, str] = {
    # Ce que fait un agent
    "un agent vous répond": REPOND,
    "une personne vous répondra": REPOND,
    "une personne vous répond sous": REPOND,
    "Une personne vous répond par écrit": REPOND,
    "Vous aurez une réponse au plus tard le": REPOND,
    "un agent peut le faire partir": REPART,
    "un agent peut faire repartir le lien d'ouverture": REPART,
    "Un agent peut seulement faire partir ce même message vers l'adresse de votre compte": RENVOIE,
    "L'agent voit ce qu'est devenu chaque message": "bureau-demande",
    "un agent voit ce qu'est devenu chaque message": "bureau-demande",
    "Votre compte d'agent est suspendu": "suspendre-agent",
    "L'accès de … est suspendu, ses sessions sont fermées": "suspendre-agent",
    "un agent peut ouvrir la demande avec vous": "reprises-ouvrir",
    "Un agent examine votre demande": EXAMINE,
    "Un agent va lire votre pièce": EXAMINE,
    "un agent les lit d'abord": EXAMINE,
    "un agent s'en occupe": EXAMINE,
    "un agent vous demande": "reprises-demander-piece",
    "Un second agent relit": "reprises-approuver",
    "un agent la lit": LIT,
    "un agent la lira": LIT,
    "un agent le lira": LIT,
    "un agent lit l'opposition": LIT,
    "un agent lit cette opposition": LIT,
    "un agent lira votre opposition": LIT,
    "Des agents la lisent": LIT,
    "un agent vous lit": LIT,
    "deux agents peuvent défaire une reprise d'accès": "reprises-annuler",
    "des agents reliront, et peuvent tout défaire": "reprises-annuler",
    "Un autre agent peut maintenant défaire cette reprise": "reprises-annuler",
    # Ce que fait un utilisateur principal, ou un membre
    "et peuvent s'y opposer sans se connecter": "opposition",
    "L'employeur peut aussi retirer l'accès du cabinet dans l'extranet": "personne-retirer",
    "il se peut que votre habilitation ait pris fin": "personne-retirer",
    "accès à … a pris fin": "personne-retirer",
    "accès à l'espace de …, SIRET …, a pris fin": "personne-retirer",
    "accès de … à l'espace de …, SIRET …, a pris fin": "personne-retirer",
    "Un utilisateur principal peut retirer une personne": "personne-retirer",
    "retirez son accès": "personne-retirer",
    "Vous pouvez le décliner": "offre-refuser",
    "Vous pouvez vous y opposer": "offre-refuser",
    "Un superviseur peut vous en donner un autre": "agent",
    "un superviseur peut vous en donner une": "agent",
    # Ce que fait la personne
    "Vous pouvez en faire une autre": "reprise",
    "Vous pourrez en faire une autre": "reprise",
    "un message vous dit comment entrer": "reprise-entrer",
    "La même démarche vous permet de le rejoindre": "creer-espace",
    "vous pouvez les modifier si besoin": "creer-formulaire",
    "vous pouvez continuer : l'espace sera marqué « à confirmer »": "creer-formulaire",
    "Vous pouvez continuer ; il restera « à confirmer »": "creer-formulaire",
    "s'il est juste, vous pourrez continuer": "creer-formulaire",
    "Votre identifiant vous sera donné juste après": "ouvrir",
    "Vous pouvez aussi nous prévenir": "assistance",
    "Vous pouvez aussi envoyer une demande d'assistance": "assistance",
    "Vous pouvez demander à voir vos données": "assistance",
    "nous ferons la démarche avec vous": "assistance",
    "vous pouvez clore la demande": "suivi-clore",
    "Vous pouvez la rouvrir en écrivant un message": "suivi-ecrire",
    "vous répondent depuis leur espace": "rejoindre-accepter",
    "la réponse viendra par courriel": "preuve-approuver",
    "un utilisateur principal peut la défaire pendant 30 jours": "preuve-defaire",
    "Un utilisateur principal pourra le défaire pendant 30 jours": "preuve-defaire",
    "Vous pouvez la défaire jusqu'au": "preuve-defaire",
    "La réponse de l'établissement viendra par courriel": "rejoindre-accepter",
    "vous recevrez un courriel qui vous l'annonce": "changer-mot-de-passe",
    "Elle vous sera posée, après le courriel": "mot-de-passe-nouveau",
    "un nouveau vous sera donné": "code-de-secours",
    "un nouveau lien vous sera envoyé": "mot-de-passe-oublie",
    "vous pourrez en redemander": "mot-de-passe-oublie",
    "Un lien et un code, valables 60 minutes, vous permettent d'en choisir un nouveau": "mot-de-passe-oublie",
    "La clé d'accès est retirée": "mfa_remove_webauthn",
    "Une clé d'accès a été retirée de votre compte": "mfa_remove_webauthn",
    "nous vous demanderons d'ajouter un second facteur": "proteger",
    "Un programme peut aussi l'interroger": "api",
    "Un logiciel peut interroger le même calcul": "api",
    "Un logiciel de paie peut aussi interroger": "api",
}
# Celles-là se lisent ; les autres reçoivent un envoi, que tests/envois.py fait.
A_LIRE = frozenset({"bureau-demande", "proteger", "api"})

# Elles ont la forme d'une promesse, et rien à faire faire au logiciel.
CHEZ_LA_PERSONNE = "ce qu'elle fait chez elle, ou dans son navigateur"
UN_FAIT = "un fait, pas un geste"
SANS_GESTE: dict[str, str] = {
    "le cabinet peut :": "une clause du contrat : la mission que signent les deux parties",
    "une adresse électronique que vous pouvez lire tout de suite": CHEZ_LA_PERSONNE,
    "une messagerie que vous pouvez ouvrir": CHEZ_LA_PERSONNE,
    "Si nous ne vous répondons pas, vous pouvez écrire au Défenseur des droits": "hors du site",
    "vous pouvez saisir la CNIL": "hors du site",
    "vous pouvez la copier dans un courriel": CHEZ_LA_PERSONNE,
    "vous pouvez les ôter": CHEZ_LA_PERSONNE,
    "vous pouvez la coller": CHEZ_LA_PERSONNE,
    "Vous pouvez coller": CHEZ_LA_PERSONNE,
    "Vous pouvez fermer cette page": CHEZ_LA_PERSONNE,
    "Ce que vous pouvez faire": "le titre des boutons qui suivent",
    "Vous pouvez recommencer": "le bouton est au-dessus",
    "Vous pourrez renvoyer ceci dans": "la page précédente",
    "Vous pourrez recommencer dans": "la page précédente",
    "vous verrez ce que le premier a donné": "la page précédente",
    "Un agent peut-il me donner mon mot de passe ?": "une question, et sa réponse est non",
    "Les gestes des agents sont inscrits dans un journal": UN_FAIT,
    "Un agent garde toujours un second facteur": UN_FAIT,
    "Il sera de retour bientôt": UN_FAIT,
    "ce qui vous sera versé et ce qui restera à votre charge": "un calcul du simulateur",
    "plusieurs personnes peuvent partager la même connexion": UN_FAIT,
}
