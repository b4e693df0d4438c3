"""La page d'envoi : fichier, lignes collées, fichier gardé dans la page ; rien ne reste au serveur."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apart.simulateur.fichiers import modele
from apart.socle.corps import garder
from apart.tableaux.tableau import OCTETS_PERMIS
from tests.simulateur.fichiers import lire
from tests.tableaux.fabrique import classeur

pytestmark = pytest.mark.django_db
BON = "nom;remuneration;mois;heures\nDurand;2000;04/2020;70\nPetit;2500,50;04/2020;35\n"
FAUX = BON + "Blanc;2100;13/2020;70\nNoir;deux mille;04/2020;\n"


def envoyer(client: Client, contenu: bytes | str, nom: str = "paie.csv", **autres: str) -> Any:
    octets = contenu.encode() if isinstance(contenu, str) else contenu
    fichier = SimpleUploadedFile(nom, octets)
    return client.post(reverse("simulateur-fichier"), {"fichier": fichier, "recevoir": "voir", **autres})


def texte(reponse: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())).split())


def test_les_totaux_et_les_lignes_a_corriger(client: Client) -> None:
    reponse = envoyer(client, FAUX)
    assert reponse.status_code == 200
    page = texte(reponse)
    assert "2 lignes calculées, 2 à corriger" in page
    assert "1 050,35 €" in page or "Indemnité due aux salariés" in page
    assert "Ligne 4" in page
    assert "mois, case C4" in page
    assert "« deux mille » n'est pas un nombre" in page
    assert "Indiquez les heures non travaillées." in page


def caches(reponse: Any) -> dict[str, str]:
    """Les champs cachés du premier formulaire de la page."""
    page = reponse.content.decode()
    formulaire = page[page.index('<form method="post" action="/simulateur/fichier/"') :].partition("</form>")[0]
    trouves = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', formulaire)
    return {nom: unescape(valeur) for nom, valeur in trouves if nom != "csrfmiddlewaretoken"}


def choix(reponse: Any) -> dict[str, str]:
    """Le sens déjà choisi pour chaque colonne de l'écran de correspondance."""
    page = reponse.content.decode()
    listes = re.findall(r'<select class="fr-select" name="(sens-[0-9]+)".*?</select>', page, re.DOTALL)
    blocs = re.findall(r'<select class="fr-select" name="sens-[0-9]+".*?</select>', page, re.DOTALL)
    choisis = [re.search(r'value="([^"]*)" selected', bloc) for bloc in blocs]
    return {nom: trouve[1] if trouve else "" for nom, trouve in zip(listes, choisis, strict=True)}


def test_la_page_garde_le_fichier_et_le_rend_sur_demande(client: Client) -> None:
    premiere = envoyer(client, FAUX)
    garde = caches(premiere)
    reponse = client.post(reverse("simulateur-fichier"), {**garde, "recevoir": "resultats"})
    assert reponse.headers["Content-Disposition"] == 'attachment; filename="paie-resultats.csv"'
    lignes = reponse.content.decode("utf-8-sig").splitlines()
    assert lignes[0].startswith(
        "nom;remuneration;mois;heures;indemnite_horaire;allocation_horaire;heures_indemnisables"
    )
    assert lignes[1].startswith("Durand;2000;04/2020;70;9,23;9,23;70,00;646,10;646,10;0,00;")
    assert lignes[4].startswith("Noir;deux mille;04/2020;;;;;;;;;")

    reponse = client.post(reverse("simulateur-fichier"), {**garde, "recevoir": "a_corriger"})
    assert reponse.headers["Content-Disposition"] == 'attachment; filename="paie-a-corriger.csv"'
    lignes = reponse.content.decode("utf-8-sig").splitlines()
    assert lignes[0] == "nom;remuneration;mois;heures;a_corriger"
    assert len(lignes) == 3
    assert "« 13/2020 » n'est pas un mois" in lignes[1]


def test_les_lignes_collees_d_un_tableur(client: Client) -> None:
    reponse = client.post(reverse("simulateur-fichier"), {"colle": BON.replace(";", "\t"), "recevoir": "voir"})
    assert "2 lignes calculées" in texte(reponse)


def test_sans_rien_la_page_le_dit(client: Client) -> None:
    assert "Choisissez un fichier, ou collez vos lignes." in texte(client.post(reverse("simulateur-fichier")))


def test_un_contenu_garde_qui_n_est_pas_le_notre_est_refuse(client: Client) -> None:
    for contenu in ("abc", "AAAA", "eJ"):
        reponse = client.post(reverse("simulateur-fichier"), {"contenu": contenu, "recevoir": "voir"})
        assert "choisissez-le de nouveau" in texte(reponse)


def test_au_dela_de_la_taille_permise_la_page_le_dit(client: Client) -> None:
    reponse = envoyer(client, b"a" * (OCTETS_PERMIS + 1))
    assert reponse.status_code == 413
    assert "Ce fichier dépasse 20 Mo" in texte(reponse)


def test_un_texte_colle_trop_long_est_dit_sans_perdre_la_page(client: Client) -> None:
    reponse = client.post(reverse("simulateur-fichier"), {"colle": "a" * 300_000, "recevoir": "voir"})
    assert reponse.status_code == 413
    assert "Le texte collé dépasse 256 Kio" in texte(reponse)


def test_la_protection_csrf_tient() -> None:
    """La vue lève la protection de Django pour poser ses limites, puis la remet."""
    client = Client(enforce_csrf_checks=True)
    assert envoyer(client, BON).status_code == 403


def test_les_modeles_se_lisent_et_se_calculent(client: Client) -> None:
    csv, xlsx = client.get(reverse("simulateur-modele-csv")), client.get(reverse("simulateur-modele-classeur"))
    assert csv.content == modele.en_csv()
    for contenu in (csv.content, xlsx.content):
        assert lire(contenu).cadre.height == 2
        assert "2 lignes calculées" in texte(envoyer(client, contenu))


INCONNU = (
    "Agent;Fixe;Quand;Absence AP;Service\nDurand;2150,50;mai 2026;42,5;Caisse\nÉlise Martin;1950;mai 2026;7;Rayon\n"
)


def test_des_en_tetes_inconnus_se_disent_puis_le_fichier_se_calcule(client: Client) -> None:
    question = envoyer(client, INCONNU, recevoir="resultats")
    page = texte(question)
    assert "Que contiennent vos colonnes ?" in page
    assert "Dites quelle colonne contient le mois, ou le premier et le dernier jour." in page
    assert "Colonne B Fixe 2150,50 1950" in page
    sens = {"sens-0": "nom", "sens-1": "remuneration", "sens-2": "mois", "sens-3": "heures", "sens-4": ""}
    reponse = client.post(reverse("simulateur-fichier"), {**caches(question), **sens})
    assert reponse.headers["Content-Disposition"] == 'attachment; filename="paie-resultats.csv"'
    lignes = reponse.content.decode("utf-8-sig").splitlines()
    assert lignes[0].startswith("Agent;Fixe;Quand;Absence AP;Service;indemnite_horaire")
    assert lignes[1].startswith("Durand;2150,50;mai 2026;42,5;Caisse;9,52;")


def test_le_sens_dit_suit_le_fichier_jusqu_aux_resultats(client: Client) -> None:
    question = envoyer(client, INCONNU)
    sens = {"sens-0": "nom", "sens-1": "remuneration", "sens-2": "mois", "sens-3": "heures", "sens-4": ""}
    resultats = client.post(reverse("simulateur-fichier"), {**caches(question), **sens})
    assert "2 lignes calculées" in texte(resultats)
    telecharge = client.post(reverse("simulateur-fichier"), {**caches(resultats), "recevoir": "resultats"})
    assert telecharge.headers["Content-Disposition"].endswith('"paie-resultats.csv"')
    suivant = envoyer(client, INCONNU.replace("7;Rayon", "14;Rayon"), **sens, entetes=caches(resultats)["entetes"])
    assert "2 lignes calculées" in texte(suivant)
    autre = envoyer(client, INCONNU.replace("Fixe", "Variable"), **sens, entetes=caches(resultats)["entetes"])
    assert "Que contiennent vos colonnes ?" in texte(autre)


def test_une_colonne_douteuse_est_proposee_et_a_confirmer(client: Client) -> None:
    question = envoyer(client, "Salarié;Brut;Mois;Heures\nA;2500;04/2026;70\n")
    assert choix(question) == {"sens-0": "nom", "sens-1": "remuneration", "sens-2": "mois", "sens-3": "heures"}
    assert "À confirmer" in texte(question)
    reponse = client.post(reverse("simulateur-fichier"), {**caches(question), **choix(question)})
    assert "1 ligne calculée" in texte(reponse)


def test_deux_colonnes_pour_la_meme_chose_sont_refusees(client: Client) -> None:
    question = envoyer(client, "Salarié;Brut;Mois;Heures\nA;2500;04/2026;70\n")
    reponse = client.post(reverse("simulateur-fichier"), {**caches(question), **choix(question), "sens-0": "heures"})
    assert "Deux colonnes sont choisies pour « Heures non travaillées » : n'en gardez qu'une." in texte(reponse)


def test_un_sens_qui_n_existe_pas_ne_compte_pas(client: Client) -> None:
    question = envoyer(client, "Salarié;Brut;Mois;Heures\nA;2500;04/2026;70\n")
    reponse = client.post(reverse("simulateur-fichier"), {**caches(question), **choix(question), "sens-3": "<b>"})
    assert "Dites quelle colonne contient les heures non travaillées." in texte(reponse)


def test_la_feuille_a_lire_est_demandee(client: Client) -> None:
    entete = ["nom", "remuneration", "mois", "heures"]
    contenu = classeur({m: [entete, [m, 2500, f"{n:02}/2026", 70]] for n, m in ((5, "Mai"), (6, "Juin"))})
    question = envoyer(client, contenu, "paie.xlsx")
    assert "Quelle feuille lire ?" in texte(question)
    resultats = client.post(reverse("simulateur-fichier"), {**caches(question), "feuille": "Juin"})
    page = texte(resultats)
    assert "1 ligne calculée" in page
    assert "La feuille « Mai » n'a pas été lue." in page
    telecharge = client.post(reverse("simulateur-fichier"), {**caches(resultats), "recevoir": "resultats"})
    assert lire(telecharge.content).cadre.row(0)[0] == "Juin"
    assert "1 ligne calculée" in texte(envoyer(client, BON.partition("Petit")[0], feuille="Juin"))


def test_ce_qui_est_suppose_ou_a_verifier_est_sur_la_page_et_dans_le_fichier(client: Client) -> None:
    reponse = envoyer(client, BON + "DURAND;2000;04/2020;70\nTotal;6500,50;;175\n")
    page = texte(reponse)
    assert "Ligne de total laissée de côté : 5." in page
    assert "La même personne a une autre ligne pour les mêmes jours" in page
    assert "Lignes 2, 4." in page
    rendu = client.post(reverse("simulateur-fichier"), {**caches(reponse), "recevoir": "resultats"})
    lignes = rendu.content.decode("utf-8-sig").splitlines()
    assert lignes[0].endswith("a_confirmer;a_verifier;a_savoir")
    assert "Ligne de total laissée de côté : 5." in lignes[1]
    assert "La même personne" in lignes[3]
    assert lignes[4].startswith("Total;6500,50;;175;;;;;;;")


def test_un_fichier_rendu_se_renvoie_tel_quel(client: Client) -> None:
    reponse = envoyer(client, FAUX)
    rendu = client.post(reverse("simulateur-fichier"), {**caches(reponse), "recevoir": "resultats"}).content
    encore = envoyer(client, rendu)
    assert "2 lignes calculées, 2 à corriger" in texte(encore)
    entete = client.post(reverse("simulateur-fichier"), {**caches(encore), "recevoir": "resultats"}).content
    assert entete.splitlines()[0] == rendu.splitlines()[0]


def suivre(reponse: Any) -> list[dict[str, str]]:
    return [json.loads(ligne) for ligne in reponse.getvalue().decode().splitlines()]


def test_les_etapes_arrivent_avant_la_reponse(client: Client) -> None:
    envoi = {"fichier": SimpleUploadedFile("paie.csv", BON.encode()), "recevoir": "resultats"}
    *etapes, fin = suivre(client.post(reverse("simulateur-fichier"), envoi, headers={"X-Etapes": "1"}))
    assert [etape["etape"] for etape in etapes] == [
        "Lecture du fichier…",
        "Calcul de 2 lignes…",
        "Écriture de la réponse…",
    ]
    assert fin["nom"] == "paie-resultats.csv"
    assert base64.b64decode(fin["contenu"]).decode("utf-8-sig").startswith("nom;remuneration")


def test_une_question_arrive_aussi_par_etapes(client: Client) -> None:
    envoi = {"fichier": SimpleUploadedFile("paie.csv", INCONNU.encode())}
    *_, fin = suivre(client.post(reverse("simulateur-fichier"), envoi, headers={"X-Etapes": "1"}))
    assert not fin["nom"]
    assert "Que contiennent vos colonnes" in base64.b64decode(fin["contenu"]).decode()


def test_un_contenu_garde_altere_est_dit(client: Client) -> None:
    assert "La page n'a plus votre fichier" in texte(client.post(reverse("simulateur-fichier"), {"contenu": "é"}))


def boum(*_: object) -> Iterator[str]:
    """Ce que l'enfant fait à la place de la lecture."""
    yield "Lecture du fichier…"
    raise RuntimeError("boum")


def test_une_panne_pendant_le_calcul_est_montree_et_journalisee(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Le statut est déjà parti quand elle survient : la page de panne et sa référence sont la dernière ligne."""
    monkeypatch.setattr("apart.simulateur.views.fichier.traiter", boum)
    envoi = {"fichier": SimpleUploadedFile("paie.csv", BON.encode())}
    reponse = client.post(reverse("simulateur-fichier"), envoi, headers={"X-Etapes": "1"})
    derniere = json.loads(reponse.getvalue().splitlines()[-1])
    assert "Panne pendant la diffusion" in caplog.text
    assert "RuntimeError: boum" in caplog.text
    assert "test_fichiers_page.py" in caplog.text.partition("Panne pendant")[2].partition("Traceback")[2], "la sienne"
    assert caplog.records[-1].args[0] in base64.b64decode(derniere["contenu"]).decode()  # type: ignore[index,operator]


def test_un_nom_de_fichier_forge_ne_garde_que_son_nom(client: Client) -> None:
    gardes = {"contenu": garder(BON.encode()), "nom": "../../etc/passwd", "recevoir": "resultats"}
    rendu = client.post(reverse("simulateur-fichier"), gardes)
    assert 'filename="passwd-resultats.csv"' in rendu.headers["Content-Disposition"]


@pytest.mark.parametrize("nom", ["", "Tous", "Atelier A"])
def test_une_ligne_qui_est_la_somme_des_autres_est_un_total(client: Client, nom: str) -> None:
    lignes = f"nom;remuneration;mois;heures\nA;2000;09/2026;20\nB;2100;09/2026;30\n{nom};4100;09/2026;50\n"
    page = texte(envoyer(client, lignes))
    assert "2 lignes calculées" in page
    assert "Ligne de total laissée de côté : 4" in page


def test_deux_homonymes_ne_sont_pas_une_personne(client: Client) -> None:
    entete = "Nom;Prénom;Rémunération;Mois;Heures\n"
    homonymes = texte(envoyer(client, entete + "Durand;Jean;2000;09/2026;70\nDurand;Marie;2100;09/2026;70\n"))
    doubles = texte(envoyer(client, entete + "Durand;Jean;2000;09/2026;70\nDurand ; Jean;2100;09/2026;70\n"))
    assert "La même personne" not in homonymes
    assert "La même personne" in doubles
