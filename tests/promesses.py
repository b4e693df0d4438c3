"""Les phrases qui promettent un geste, où elles se disent, et l'adresse qui le fait. Sans adresse, rien ne s'écrit.

Chaque phrase est citée comme tests/textes.py la lit ; tests/test_promesses.py la cherche, et celles qui manquent. La
même phrase, dite ailleurs, y promet parfois un autre geste : chaque fichier a son adresse. Un courriel se nomme sans
suffixe.
"""

from __future__ import annotations

REPOND, REPART, RENVOIE = "bureau-repondre", "bureau-repartir", "bureau-renvoyer"
LIT, EXAMINE = "reprises-lever-opposition", "reprises-examiner"

PROMESSES: dict[str, dict[str, str]] = {
    # Ce que fait un agent
    "un agent vous répond": {
        "assistance/fiches/corriger-la-fiche.md": REPOND,
        "assistance/fiches/ouvert-ou-en-attente.md": REPOND,
        "etablissements/templates/etablissements/rejoindre_confirmee.html": REPOND,
        "reprises/templates/reprises/_attendu.html": EXAMINE,
        "socle/templates/erreurs/refuse.html": REPOND,
    },
    "Un agent devait vous répondre avant": {"reprises/templates/reprises/_attendu.html": EXAMINE},
    "Elle arrivera à l'adresse … et s'affichera sur cette page": {
        "assistance/templates/assistance/suivi.html": REPOND
    },
    "une personne vous répondra": {
        "accueil/templates/legal/mentions.html": REPOND,
        "assistance/templates/assistance/base_documentaire.html": REPOND,
    },
    "une personne vous répond sous": {"assistance/templates/assistance/demande.html": REPOND},
    "Une personne vous répond par écrit": {"assistance/views/aide.py": REPOND},
    "Vous aurez une réponse au plus tard le": {
        "assistance/templates/assistance/suivi.html": REPOND,
        "assistance/templates/courriels/assistance_accuse": REPOND,
    },
    "un agent peut le faire partir": {"comptes/templates/comptes/_messagerie.html": REPART},
    "un agent peut faire repartir le lien d'ouverture": {"assistance/fiches/rien-recu.md": REPART},
    "Un agent peut seulement faire partir ce même message vers l'adresse de votre compte": {
        "assistance/fiches/mot-de-passe-oublie.md": RENVOIE
    },
    "L'agent voit ce qu'est devenu chaque message": {"assistance/fiches/rien-recu.md": "bureau-demande"},
    "un agent voit ce qu'est devenu chaque message": {"comptes/templates/comptes/_messagerie.html": "bureau-demande"},
    "Votre compte d'agent est suspendu": {"administrations/actions/agents.py": "suspendre-agent"},
    "L'accès de … est suspendu, ses sessions sont fermées": {"administrations/views/equipe.py": "suspendre-agent"},
    "un agent peut en annuler une": {"reprises/actions/lettres.py": "lettres-lettre"},
    "un agent peut ouvrir la demande avec vous": {"assistance/fiches/personne-partie.md": "reprises-ouvrir"},
    "un agent vous dit comment retrouver l'accès": {
        "assistance/fiches/espace-deja-ouvert.md": "reprises-ouvrir",
        "etablissements/templates/etablissements/deja_connu.html": "reprises-ouvrir",
    },
    "Un agent examine la demande": {"reprises/frise.py": EXAMINE},
    "Un agent va lire la pièce": {"reprises/frise.py": EXAMINE},
    "un agent les lit d'abord": {"reprises/views/suivi.py": EXAMINE},
    "un agent s'en occupe": {"reprises/views/membre.py": EXAMINE},
    "un agent vous demande": {
        "reprises/templates/courriels/reprise_piece": "reprises-demander-piece",
        "reprises/templates/reprises/_attendu.html": "reprises-demander-piece",
    },
    "Un second agent relit": {"reprises/frise.py": "reprises-approuver"},
    "un agent la lit": {
        "reprises/actions/execution.py": LIT,
        "reprises/templates/reprises/_attendu.html": LIT,
    },
    "un agent le lira": {"reprises/forms/demande.py": LIT},
    "un agent lit l'opposition": {"reprises/frise.py": LIT},
    "un agent lit cette opposition": {"reprises/templates/courriels/reprise_opposee": LIT},
    "un agent lira votre opposition": {"reprises/templates/courriels/reprise_avis": LIT},
    "Des agents la lisent": {"reprises/templates/reprises/opposition_faite.html": LIT},
    "les agents la lisent": {"reprises/views/membre.py": LIT},
    "les agents le liront": {"reprises/templates/courriels/reprise_accord": EXAMINE},
    "un agent vous lit": {"reprises/templates/reprises/_lettre.html": LIT},
    "deux agents peuvent défaire une reprise d'accès": {"assistance/fiches/personne-partie.md": "reprises-annuler"},
    "des agents reliront, et peuvent tout défaire": {"reprises/templates/reprises/_lettre.html": "reprises-annuler"},
    "Un autre agent peut maintenant défaire cette reprise": {"reprises/views/agents.py": "reprises-annuler"},
    "Un autre agent peut maintenant": {"reprises/views/agents.py": "reprises-annuler"},
    "deux agents peuvent la défaire": {
        "espace/templates/espace/_facon.html": "reprises-annuler",
        "reprises/templates/reprises/_attendu.html": "reprises-annuler",
    },
    "Un message vous dit où taper son code": {"reprises/views/suivi.py": "reprise-code-de-lettre"},
    "L'accès est à vous. Un message vous dit comment entrer": {"reprises/views/suivi.py": "reprise-entrer"},
    # Ce que fait un utilisateur principal, ou un membre
    "et peuvent s'y opposer sans se connecter": {"assistance/fiches/personne-partie.md": "opposition"},
    "L'employeur peut aussi retirer l'accès du cabinet dans l'extranet": {"accueil/contrat.typ": "personne-retirer"},
    "il se peut que votre habilitation ait pris fin": {"socle/templates/erreurs/introuvable.html": "personne-retirer"},
    "votre accès à l'espace de …, SIRET …, a pris fin": {
        "etablissements/templates/courriels/acces_retire": "reprises-annuler"
    },
    "Votre accès à …, SIRET …, a pris fin le": {"espace/templates/espace/mon_espace.html": "personne-retirer"},
    "son accès a pris fin": {"etablissements/templates/courriels/acces_retire": "reprises-annuler"},
    "vous pourrez accueillir quelqu'un, ou désigner un utilisateur principal": {
        "etablissements/templates/etablissements/_retenue.html": "rejoindre-accepter"
    },
    "des agents s'en occupent": {
        "reprises/templates/reprises/accords.html": EXAMINE,
        "reprises/views/membre.py": EXAMINE,
    },
    "Vous pouvez encore leur dire que vous n'en répondez pas": {
        "reprises/templates/reprises/accords.html": "reprise-refuser"
    },
    "accès à … a pris fin": {
        "etablissements/templates/courriels/acces_retire": "personne-retirer",
        "etablissements/templates/etablissements/quitter.html": "personne-retirer",
        "etablissements/templates/etablissements/retirer.html": "personne-retirer",
    },
    "Un utilisateur principal peut retirer une personne": {
        "etablissements/templates/etablissements/personnes.html": "personne-retirer"
    },
    "retirez son accès": {"etablissements/views/personnes.py": "personne-retirer"},
    "Vous pouvez le décliner": {"etablissements/templates/courriels/offre_role": "offre-refuser"},
    "Vous pouvez vous y opposer": {"etablissements/templates/courriels/offre_role": "offre-refuser"},
    "vous pouvez le prendre": {
        "etablissements/templates/courriels/offre_role": "role-prendre",
        "etablissements/templates/etablissements/_offre.html": "role-prendre",
    },
    "Un superviseur peut vous en donner un autre": {"administrations/droits.py": "agent"},
    "un superviseur peut vous en donner une": {"administrations/droits.py": "agent"},
    # Ce que fait la personne
    "la demande est mise en pause": {"reprises/templates/reprises/_lettre.html": "opposition"},
    "Leur réponse vous arrivera par courriel": {
        "etablissements/templates/etablissements/rejoindre_confirmee.html": "rejoindre-accepter"
    },
    "Pour prendre ce rôle, il faut ici une preuve": {
        "etablissements/templates/etablissements/_offre.html": "donner-preuve"
    },
    "Pour prendre ce rôle, il faut maintenant une preuve": {
        "etablissements/templates/courriels/offre_role": "donner-preuve"
    },
    "Vous pouvez en faire une autre": {
        "reprises/actions/demande.py": "reprise",
        "reprises/templates/courriels/reprise_caduque": "reprise",
        "reprises/templates/courriels/reprise_sans_piece": "reprise",
    },
    "Vous pourrez en faire une autre": {
        "reprises/templates/reprises/_attendu.html": "reprise",
        "reprises/views/suivi.py": "reprise",
    },
    "un message vous dit comment entrer": {
        "reprises/templates/courriels/reprise_accord_delai": "reprise-entrer",
        "reprises/templates/reprises/_attendu.html": "reprise-entrer",
    },
    "La même démarche vous permet de le rejoindre": {
        "accueil/templates/accueil/_premiere_connexion.html": "creer-espace"
    },
    "vous pouvez les modifier si besoin": {
        "assistance/fiches/corriger-la-fiche.md": "creer-formulaire",
        "etablissements/templates/etablissements/creer_formulaire.html": "creer-formulaire",
    },
    "vous pouvez continuer : l'espace sera marqué « à confirmer »": {
        "etablissements/templates/etablissements/creer_formulaire.html": "creer-formulaire"
    },
    "Vous pouvez continuer ; il restera « à confirmer »": {
        "assistance/fiches/ouvrir-un-espace.md": "creer-formulaire"
    },
    "s'il est juste, vous pourrez continuer": {"etablissements/static/etablissements/siret.js": "creer-formulaire"},
    "Votre identifiant vous sera donné juste après": {"etablissements/templates/etablissements/ouvrir.html": "ouvrir"},
    "Vous pouvez aussi nous prévenir": {"etablissements/templates/etablissements/relire.html": "assistance"},
    "Vous pouvez aussi envoyer une demande d'assistance": {
        "assistance/templates/assistance/base_documentaire.html": "assistance"
    },
    "Vous pouvez demander à voir vos données": {"accueil/templates/legal/donnees.html": "assistance"},
    "nous ferons la démarche avec vous": {"accueil/templates/legal/accessibilite.html": "assistance"},
    "vous pouvez clore la demande": {
        "assistance/fiches/suivre-une-demande.md": "suivi-clore",
        "assistance/templates/assistance/suivi.html": "suivi-clore",
    },
    "Vous pouvez la rouvrir en écrivant un message": {"assistance/views/demande.py": "suivi-ecrire"},
    "vous répondent depuis leur espace": {
        "etablissements/templates/etablissements/deja_connu.html": "rejoindre-accepter"
    },
    "la réponse viendra par courriel": {
        "espace/templates/espace/_facon.html": "preuve-approuver",
        "reprises/templates/reprises/_attendu.html": "reprise-refuser",
        "reprises/views/suivi.py": "reprise-refuser",
    },
    "un utilisateur principal peut la défaire pendant 30 jours": {
        "espace/templates/espace/_facon.html": "preuve-defaire"
    },
    "Un utilisateur principal pourra le défaire pendant 30 jours": {
        "etablissements/templates/etablissements/_preuve_a_approuver.html": "preuve-defaire"
    },
    "Vous pouvez la défaire jusqu'au": {
        "etablissements/templates/etablissements/_preuve_defaisable.html": "preuve-defaire"
    },
    "La réponse de l'établissement viendra par courriel": {
        "etablissements/actions/rejoindre.py": "rejoindre-accepter"
    },
    "vous recevrez un courriel qui vous l'annonce": {
        "comptes/templates/comptes/changer_mot_de_passe.html": "changer-mot-de-passe"
    },
    "Elle vous sera posée, après le courriel": {
        "comptes/templates/comptes/choisir_question.html": "mot-de-passe-nouveau"
    },
    "un nouveau vous sera donné": {"comptes/templates/comptes/code_de_secours.html": "code-de-secours"},
    "un nouveau lien vous sera envoyé": {"courriels/explications.yaml": "mot-de-passe-oublie"},
    "vous pourrez en redemander": {"socle/templates/erreurs/entretien.html": "mot-de-passe-oublie"},
    "Un lien et un code, valables 60 minutes, vous permettent d'en choisir un nouveau": {
        "assistance/fiches/mot-de-passe-oublie.md": "mot-de-passe-oublie"
    },
    "La clé d'accès est retirée": {"comptes/adaptateur.py": "mfa_remove_webauthn"},
    "Une clé d'accès a été retirée de votre compte": {"comptes/adaptateur.py": "mfa_remove_webauthn"},
    "nous vous demanderons d'ajouter un second facteur": {
        "administrations/templates/administrations/compte_active.html": "proteger"
    },
    "Un programme peut aussi l'interroger": {"assistance/fiches/bareme.md": "api"},
    "Un logiciel peut interroger le même calcul": {"assistance/fiches/simuler-l-indemnisation.md": "api"},
    "Un logiciel de paie peut aussi interroger": {"simulateur/templates/bareme/_emporter.html": "api"},
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
