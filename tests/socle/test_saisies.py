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
        ("info@お名前.com", "info@xn--t8jx73hngb.com"),
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
        ("mike@xn--pypal-4ve.com", "n'est pas un nom de domaine possible"),  # le même sosie, déjà écrit en IDNA
        ("mike@exemple².fr", "« exemple².fr » n'est pas un nom de domaine possible"),
        (f"{'a' * 64}@{'é.' * 30}fr", "est trop longue"),
    ],
)
def test_t36_un_sosie_est_refuse_et_la_phrase_le_nomme(tapee: str, faute: str) -> None:
    assert faute in refus(saisies.courriel, tapee).messages[0]


@pytest.mark.menace("T36")
def test_t36_un_domaine_accentue_n_est_jamais_celui_d_un_autre() -> None:
    assert saisies.courriel("contact@boucherie-père.fr") != saisies.courriel("contact@boucherie-pere.fr")


@pytest.mark.menace("T36")
@pytest.mark.parametrize(
    ("gardee", "montree"),
    [
        ("contact@xn--boucherie-pre-6gb.fr", "contact@boucherie-père.fr"),
        ("info@xn--strae-oqa.de", "info@straße.de"),
        ("marie@exemple.fr", "marie@exemple.fr"),
        ("info@xn--e1afmkfd.xn--p1ai", "info@xn--e1afmkfd.xn--p1ai"),  # du cyrillique
        ("a@xn--80ak6aa92e.com", "a@xn--80ak6aa92e.com"),  # « apple », en cyrillique
        ("a@xn--mke-jua.fr", "a@xn--mke-jua.fr"),  # « mıke » : un « ı » sans point est latin, et trompe
        ("a@xn--pypal-4ve.com", "a@xn--pypal-4ve.com"),
        ("a@xn--faux-.fr", "a@xn--faux-.fr"),  # rien qui se décode
    ],
)
def test_t36_un_domaine_accentue_se_montre_tel_qu_on_l_a_tape_s_il_ne_trompe_pas(gardee: str, montree: str) -> None:
    assert saisies.courriel_lisible(gardee) == montree


@pytest.mark.parametrize("tapee", ["contact@boucherie-père.fr", "info@straße.de", "info@пример.рф"])
def test_une_adresse_montree_se_relit_la_meme(tapee: str) -> None:
    gardee = saisies.courriel(tapee)
    assert saisies.courriel(saisies.courriel_lisible(gardee)) == gardee


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
    assert saisies.boite("m.arie@googlemail.com") == saisies.boite("marie@gmail.com")
    assert saisies.boite("marie@pm.me") == saisies.boite("marie@protonmail.com") == "marie@proton.me"


@pytest.mark.parametrize(
    ("texte", "lu"),
    [
        *(("0", 0), ("7", 7), ("007", 7), ("100", 100)),
        *((refuse, None) for refuse in ("101", "-1", "1_0", "٣", "", " 7", "7\n", "9" * 5_000, "0" * 5_000)),
    ],
)
def test_un_entier_borne(texte: str, lu: int | None) -> None:
    assert saisies.entier(texte, 100) == lu
