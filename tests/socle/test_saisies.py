"""Ce que les gens tapent ou collent : SIRET, téléphone, adresse électronique, identifiant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apart.comptes import identifiant
from apart.socle import saisies

LA_POSTE = ["35600000000048", "35600000024221", "35600000024230", "35600000024249"]
ENTRE_CHIFFRES = st.sampled_from(
    ["", " ", "  ", ".", "-", "–", "\t", "\u00a0", "\u202f", "\u2009", "\u200b", "\ufeff", "\u2066", "\u2069"]
)
CHIFFRES_D_AILLEURS = st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "⁰¹²³⁴⁵⁶⁷⁸⁹"])
CHIFFRES_DESSINES = st.sampled_from(["０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"])


def completer(debut: str) -> str:
    """Ces chiffres et leur clé de Luhn."""
    return next(debut + cle for cle in "0123456789" if saisies.luhn(debut + cle))


@st.composite
def sirets(tirer: st.DrawFn) -> str:
    siren = completer(f"{tirer(st.integers(1, 99_999_999)):08d}")
    return completer(siren + f"{tirer(st.integers(0, 9999)):04d}")


def refus(lire: Callable[[str], str], texte: str) -> ValidationError:
    with pytest.raises(ValidationError) as refuse:
        lire(texte)
    return refuse.value


def lu_ou_rien(lire: Callable[[str], str], texte: str) -> str | None:
    """Ce que la fonction lit, ou None si elle refuse par une phrase ; toute autre panne fait échouer le test."""
    try:
        return lire(texte)
    except ValidationError as refuse:
        if not refuse.messages[0].endswith("."):
            pytest.fail(f"refus sans phrase : {refuse.messages}")
        return None


# --- SIRET ---


@given(sirets(), st.data())
def test_un_siret_juste_passe_quels_que_soient_ses_espaces(siret: str, donnees: st.DataObject) -> None:
    tape = "".join(donnees.draw(ENTRE_CHIFFRES) + chiffre for chiffre in siret) + donnees.draw(ENTRE_CHIFFRES)
    assert saisies.siret(tape) == siret


@given(sirets(), st.integers(0, 13), st.integers(1, 9))
def test_un_chiffre_change_se_voit(siret: str, rang: int, ecart: int) -> None:
    autre = siret[:rang] + str((int(siret[rang]) + ecart) % 10) + siret[rang + 1 :]
    if autre.startswith(saisies.SIREN_LA_POSTE):  # sa seconde règle laisse passer un cinquième des fautes
        return
    assert refus(saisies.siret, autre).code == "cle"


@given(st.integers(0, 99_999))
def test_la_poste_a_deux_regles(nic: int) -> None:
    siret = f"{saisies.SIREN_LA_POSTE}{nic:05d}"
    assert saisies.cle_juste(siret) is (saisies.luhn(siret) or sum(map(int, siret)) % 5 == 0)


@pytest.mark.parametrize("siret", LA_POSTE)
def test_les_sirets_de_la_poste_passent(siret: str) -> None:
    assert saisies.siret(siret) == siret


@given(st.text(max_size=40))
def test_n_importe_quel_texte_donne_un_siret_ou_une_phrase(texte: str) -> None:
    lu = lu_ou_rien(saisies.siret, texte)
    if lu is not None:
        assert len(lu) == 14
        assert lu.isascii()
        assert lu.isdigit()


@pytest.mark.menace("T35")
@given(sirets(), CHIFFRES_D_AILLEURS, st.integers(1, 14))
def test_t35_les_chiffres_d_autres_ecritures_sont_refuses(siret: str, ailleurs: str, combien: int) -> None:
    tape = "".join(ailleurs[int(c)] for c in siret[:combien]) + siret[combien:]
    assert refus(saisies.siret, tape).code == "signes"


@given(sirets(), CHIFFRES_DESSINES, st.integers(1, 14))
def test_les_memes_chiffres_autrement_dessines_se_lisent(siret: str, dessines: str, combien: int) -> None:
    assert saisies.siret("".join(dessines[int(c)] for c in siret[:combien]) + siret[combien:]) == siret


@pytest.mark.menace("T35")
@pytest.mark.parametrize(
    ("tape", "code"),
    [
        ("0" * 14, "cle"),
        ("732829320000745", "longueur"),
        ("7328293200007", "longueur"),
        ("732829320", "siren"),
        ("7328293200007x", "signes"),
        ("732829320,00074", "signes"),
        ("+32829320000074", "signes"),
        ("²32829320000074", "signes"),
        ("", "longueur"),
    ],
)
def test_t35_chaque_siret_faux_a_sa_phrase(tape: str, code: str) -> None:
    assert refus(saisies.siret, tape).code == code


@pytest.mark.menace("T35")
@pytest.mark.parametrize(
    "tape",
    [
        "73282932000074\n",
        "732\u00a0829\u00a0320\u00a000074",
        "\ufeff73282932000074",
        "732\u200b82932000074",
        "732-829-320 00074",
    ],
)
def test_t35_un_collage_sale_mais_juste_passe(tape: str) -> None:
    assert saisies.siret(tape) == "73282932000074"


@given(sirets())
def test_un_siret_lisible_se_relit(siret: str) -> None:
    assert saisies.siret(saisies.siret_lisible(siret)) == siret


# --- Téléphone ---


@pytest.mark.parametrize(
    ("tape", "garde"),
    [
        ("01 02 03 04 05", "+33102030405"),
        ("06.12.34.56.78", "+33612345678"),
        ("01/42/03/04/05", "+33142030405"),
        ("+33 (0)1 42 03 04 05", "+33142030405"),
        ("0033142030405", "+33142030405"),
        ("142030405", "+33142030405"),
        ("０１４２０３０４０５", "+33142030405"),
        ("01\u202f42\u00a003\u200b04 05\n", "+33142030405"),
        ("0976 01 23 45", "+33976012345"),
        ("0800 12 34 56", "+33800123456"),
        ("0590 27 12 34", "+590590271234"),  # Guadeloupe, Saint-Barthélemy, Saint-Martin
        ("0690 00 12 34", "+590690001234"),
        ("0594 10 12 34", "+594594101234"),  # Guyane
        ("0694 20 12 34", "+594694201234"),
        ("0596 30 12 34", "+596596301234"),  # Martinique : existe aussi en métropole
        ("0696 20 12 34", "+596696201234"),
        ("0262 20 12 34", "+262262201234"),  # La Réunion
        ("0692 12 34 56", "+262692123456"),
        ("0269 61 12 34", "+262269611234"),  # Mayotte : existe aussi en métropole
        ("0639 01 23 45", "+262639012345"),
        ("0508 41 12 34", "+508411234"),  # Saint-Pierre-et-Miquelon
        ("+508 41 12 34", "+508411234"),
        ("+687 26 12 34", "+687261234"),  # Nouvelle-Calédonie
        ("+681 72 12 34", "+681721234"),  # Wallis-et-Futuna
        ("40 41 23 45", "+68940412345"),  # Polynésie française
        ("+689 87 12 34 56", "+68987123456"),
        ("+33 262 61 23 45", "+262262612345"),  # composé comme en métropole, indicatif de la métropole devant
        ("0033 262 61 23 45", "+262262612345"),
        ("+33 (0)6 92 12 34 56", "+262692123456"),
        ("+33 1 02 03 04 05", "+33102030405"),
        ("+377 93 15 22 22", "+37793152222"),  # Monaco
        ("+41 22 730 51 11", "+41227305111"),
        ("0049 30 901820", "+4930901820"),
        ("+1 (202) 555-0123", "+12025550123"),
        ("tel:+33-1-02-03-04-05", "+33102030405"),
        ("01 02 03 04 05 poste 12", "+33102030405;ext=12"),
        ("01 02 03 04 05 (Poste : 12)", "+33102030405;ext=12"),
        ("01.02.03.04.05, ext. 4012", "+33102030405;ext=4012"),
        ("+41 22 730 51 11 interne 7", "+41227305111;ext=7"),
        ("3646", "3646"),
        ("36 46", "3646"),
    ],
)
def test_les_telephones_de_tous_les_territoires(tape: str, garde: str) -> None:
    assert saisies.telephone(tape) == garde
    assert saisies.telephone(saisies.telephone_lisible(garde)) == garde


def test_un_numero_a_six_chiffres_demande_son_indicatif() -> None:
    refuse = refus(saisies.telephone, "41 12 34")
    assert refuse.code == "indicatif"
    assert "+508" in refuse.messages[0]


@pytest.mark.parametrize(
    "tape",
    [
        "", "12", "01 02 03 04", "01 02 03 04 05 06", "00 00 00 00 00", "+41 22 730 51", "+1 202 555 01234",
        "+999 12 34 56",
        "0142CAFE05", "appelez le 0142030405", "0142030405 / 0142030406", "0142030405 poste", "poste 12",
        "0142030405 poste 12 13",
        "112", "15", "4646", "٠١٤٢٠٣٠٤٠٥",
        "+" * 40, "1" * 5000,
    ],
)  # fmt: skip
def test_un_telephone_faux_est_refuse_avec_un_exemple(tape: str) -> None:
    assert "Exemples : 01 02 03 04 05, ou" in refus(saisies.telephone, tape).messages[0]


@given(st.integers(10_000_000, 59_999_999), st.data())
def test_un_telephone_se_lit_quels_que_soient_ses_espaces(numero: int, donnees: st.DataObject) -> None:
    national = f"0{donnees.draw(st.sampled_from('67'))}{numero:08d}"
    try:
        attendu = saisies.telephone(national)
    except ValidationError:
        return
    espaces = st.sampled_from(["", " ", ".", "-", "\u00a0", "/"])
    tape = "".join(chiffre + donnees.draw(espaces) for chiffre in national[:-1]) + national[-1]
    assert saisies.telephone(tape) == attendu
    assert saisies.telephone(attendu) == attendu


@given(st.text(max_size=40) | st.from_regex(r"[0-9+(). /-]{4,20}", fullmatch=True))
def test_n_importe_quel_texte_donne_un_telephone_stable_ou_une_phrase(texte: str) -> None:
    lu = lu_ou_rien(saisies.telephone, texte)
    if lu is not None:
        assert saisies.telephone(lu) == lu


# --- Adresse électronique ---


@pytest.mark.parametrize(
    ("tapee", "gardee"),
    [
        ("  Marie.Durand@Exemple.FR \n", "marie.durand@exemple.fr"),
        ("marie+paie@exemple.fr", "marie+paie@exemple.fr"),
        ("\ufeffmarie@exemple.fr\u200b", "marie@exemple.fr"),
        ("marie＠exemple.fr", "marie@exemple.fr"),
        ("marie@exemple.fr\x1f", "marie@exemple.fr"),
        ("Marie Durand <Marie@exemple.fr>", "marie@exemple.fr"),
        ('"Durand, Marie" <marie@exemple.fr>;', "marie@exemple.fr"),
        ("mailto:marie@exemple.fr", "marie@exemple.fr"),
        ("o’brien@exemple.fr", "o'brien@exemple.fr"),
        ("contact@boucherie-père.fr", "contact@xn--boucherie-pre-6gb.fr"),
        ("contact@BOUCHERIE-PE\u0300RE.fr", "contact@xn--boucherie-pre-6gb.fr"),
        ("info@straße.de", "info@xn--strae-oqa.de"),
        ("info@пример.рф", "info@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_une_adresse_prend_sa_forme_normale(tapee: str, gardee: str) -> None:
    assert saisies.courriel(tapee) == gardee


@pytest.mark.parametrize(
    "tapee", ["", "marie", "marie@", "@exemple.fr", "marie@exemple", "a b@exemple.fr", "a@b@exemple.fr",
              "a@exemple.fr\nBcc: b@exemple.fr", "a@exemple.fr, b@exemple.fr", "a@-exemple.fr", "a..b@exemple.fr",
              "x" * 250 + "@a.fr"],
)  # fmt: skip
def test_une_adresse_incomplete_est_refusee(tapee: str) -> None:
    assert refus(saisies.courriel, tapee).code == "courriel"


@pytest.mark.menace("T36")
@pytest.mark.parametrize(
    ("tapee", "faute"),
    [
        ("mıke@exemple.fr", "de « ı » avant le « @ »"),
        ("mikе@exemple.fr", "de « е » avant le « @ »"),
        ("hélène@exemple.fr", "de « é » avant le « @ »"),
        ("mike@exеmple.fr", "« exеmple.fr » n'est pas un nom de domaine possible"),
        ("mike@☺️.fr", "n'est pas un nom de domaine possible"),
    ],
)
def test_t36_un_sosie_est_refuse_et_la_phrase_le_nomme(tapee: str, faute: str) -> None:
    assert faute in refus(saisies.courriel, tapee).messages[0]


@pytest.mark.menace("T36")
def test_t36_un_domaine_accentue_n_est_jamais_celui_d_un_autre() -> None:
    assert saisies.courriel("contact@boucherie-père.fr") != saisies.courriel("contact@boucherie-pere.fr")


def test_deux_adresses_demandent_laquelle() -> None:
    assert refus(saisies.courriel, "a@exemple.fr; b@exemple.fr").messages == ["Donnez une seule adresse électronique."]


@pytest.mark.menace("T36")
@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0xFFFF), min_size=1, max_size=12))
def test_t36_une_adresse_gardee_est_ascii_et_stable(nom: str) -> None:
    lue = lu_ou_rien(saisies.courriel, f"{nom}@exemple.fr")
    if lue is not None:
        assert lue.isascii()
        assert lue == lue.lower() == saisies.courriel(lue)


@pytest.mark.parametrize(
    ("tapee", "proposee"),
    [
        ("marie@gmial.com", "marie@gmail.com"),
        ("marie@orang.fr", "marie@orange.fr"),
        ("marie@wanado.fr", "marie@wanadoo.fr"),
        ("marie@gmail.com", None),
        ("marie@ymail.com", None),
        ("marie@entreprise-durand.fr", None),
        ("marie", None),
    ],
)
def test_une_faute_de_domaine_est_devinee(tapee: str, proposee: str | None) -> None:
    assert saisies.courriel_probable(tapee) == proposee


@given(st.emails(domains=st.sampled_from(["exemple.fr", "a.fr", "gmail.com"])))
def test_une_adresse_masquee_ne_livre_pas_son_nom(adresse: str) -> None:
    nom, _, _ = adresse.rpartition("@")
    masquee = saisies.courriel_masque(adresse)
    assert "•••" in masquee
    assert len(nom) <= 2 or nom not in masquee.rpartition("@")[0]


# --- Identifiant ---


@given(st.text(identifiant.ALPHABET, min_size=8, max_size=8), st.data())
def test_un_identifiant_se_lit_comme_il_se_recopie(signes: str, donnees: st.DataObject) -> None:
    confusions = {"0": "0oO", "1": "1iIlL"}
    tape = "".join(
        donnees.draw(st.sampled_from(confusions.get(s, s + s.lower()))) + donnees.draw(ENTRE_CHIFFRES) for s in signes
    )
    assert identifiant.normaliser(tape) == signes
    assert identifiant.normaliser(identifiant.lisible(signes)) == signes
    assert identifiant.est_bien_forme(signes)


@given(st.text(max_size=20))
def test_un_identifiant_bien_forme_n_a_que_des_signes_sans_confusion(texte: str) -> None:
    signes = identifiant.normaliser(texte)
    if identifiant.est_bien_forme(signes):
        assert len(signes) == 8
        assert not set(signes) - set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_les_identifiants_tires_sont_bien_formes_et_distincts() -> None:
    tires = {identifiant.tirer() for _ in range(2000)}
    assert len(tires) == 2000
    assert all(identifiant.est_bien_forme(t) for t in tires)


def test_une_adresse_n_est_jamais_un_identifiant() -> None:
    assert not identifiant.est_bien_forme(identifiant.normaliser("a@b.fr12"))


@pytest.mark.menace("T36")
@pytest.mark.parametrize(
    "tapee",
    [
        '"marie durand"@exemple.fr',
        '"a\\@b"@exemple.fr',
        '"\x01"@exemple.fr',
        "marie@[192.0.2.1]",
        "marie@[IPv6:2001:db8::1]",
        "marie@localhost",
        "a@b.localhost",
        "a@B.LocalHost",
        "marie\x00@exemple.fr",
        "\x0bmarie@ exemple.fr",
        "marie@exemple.fr\nbcc: autre@exemple.fr",
        f"{'a' * 65}@exemple.fr",
    ],
)
def test_t36_une_adresse_que_personne_n_a_est_refusee(tapee: str) -> None:
    assert refus(saisies.courriel, tapee).code == "courriel"


@pytest.mark.parametrize(
    "tapee", [f"{'a' * 64}@exemple.fr", "o'brien+paie@exemple.fr", "  Marie.Durand@Exemple.fr\r\n", "a@b-c.gouv.fr"]
)
def test_une_adresse_ordinaire_est_gardee_entiere(tapee: str) -> None:
    assert saisies.courriel(tapee) == tapee.strip().lower()


def test_une_boite_est_une_cle_pour_compter_et_l_adresse_reste_exacte() -> None:
    assert saisies.boite("Marie+Paie@Exemple.fr") == saisies.boite("marie@exemple.fr") == "marie@exemple.fr"
    assert saisies.boite("+seule@exemple.fr") == "+seule@exemple.fr"
    assert saisies.courriel("marie+paie@exemple.fr") == "marie+paie@exemple.fr"


@pytest.mark.parametrize(
    ("texte", "lu"),
    [
        *(("0", 0), ("7", 7), ("007", 7), ("100", 100)),
        *((refuse, None) for refuse in ("101", "-1", "1_0", "٣", "", " 7", "7\n", "9" * 5_000, "0" * 5_000)),
    ],
)
def test_un_entier_borne(texte: str, lu: int | None) -> None:
    assert saisies.entier(texte, 100) == lu
