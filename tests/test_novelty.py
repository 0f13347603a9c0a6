"""A sentence is new when it says what no earlier one says; another number, name or negation always says something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.novelty import Said, Told, kinship, read_sentences, topics
from pipelines.novelty.meaning import MIN_JOINED, both_may_be_needed, content, gist, gists, may_say_no_more, says_no_more
from pipelines.story import Story

EARLIER = (
    "Nordkorea hat nach Angaben des Geheimdienstes in Seoul bislang rund 3000 Soldaten nach Russland geschickt.",
    "Bis Dezember solle das Kontingent auf etwa 10.000 Mann anwachsen, teilte die Behörde am Mittwoch mit.",
    "Die Männer seien auf mehrere Übungsgelände im Fernen Osten verteilt worden.",
    "Dort lernten sie den Umgang mit russischem Gerät und den Einsatz von Drohnen.",
    "Moskau hat die Lieferung von Öl an Pjöngjang bestätigt.",
    "Raketen aus Nordkorea gingen im Sommer auf dem Seeweg nach Russland.",
    "Officials in Washington said the ships carried more than 1,000 containers to the port of Dunai.",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "Rund 3000 Soldaten habe Nordkorea bislang nach Russland geschickt, so der Geheimdienst in Seoul.",
        "Bis Dezember soll das Kontingent auf etwa 10.000 Mann wachsen.",
        "Die Männer seien im Fernen Osten auf mehrere Übungsgelände verteilt worden, wo sie den Einsatz von Drohnen lernten.",
        "Auf mehrere Übungsgelände im Fernen Osten wurden die Männer verteilt.",
        "Im Sommer gingen auf dem Seeweg Raketen aus Nordkorea nach Russland.",
        "The ships carried more than 1,000 containers to the port of Dunai, officials in Washington stated.",
        "Seoul (dpa) - Bislang hat Nordkorea nach Angaben des Geheimdienstes rund 3000 Soldaten nach Russland entsandt.",
    ],
)
def test_same_content_in_other_words_is_reworded(sentence: str) -> None:
    assert Said({7: Told(EARLIER)}).first_with(sentence) == 7


@pytest.mark.parametrize(
    "sentence",
    [
        "Nordkorea hat nach Angaben des Geheimdienstes in Seoul bislang rund 4000 Soldaten nach Russland geschickt.",
        "Bis Dezember solle das Kontingent auf höchstens 10.000 Mann anwachsen, teilte die Behörde am Mittwoch mit.",
        "Bis November solle das Kontingent auf etwa 10.000 Mann anwachsen, teilte die Behörde am Mittwoch mit.",
        "Bis Dezember solle das Kontingent auf etwa 10.000 Mann anwachsen, teilte die Behörde am Freitag mit.",
        "Die Männer seien nicht auf mehrere Übungsgelände im Fernen Osten verteilt worden.",
        "Dort lernten sie den Umgang mit iranischem Gerät und den Einsatz von Drohnen.",
        "Minsk hat die Lieferung von Öl an Pjöngjang bestätigt.",
        "Moskau hat die Lieferung von Öl an Pjöngjang bestritten.",
        "Moskau hat die Lieferung von Öl an Teheran bestätigt.",
        "Raketen aus Russland gingen im Sommer auf dem Seeweg nach Nordkorea.",
        "Officials in London said the ships carried more than 1,000 containers to the port of Dunai.",
        "Officials in Washington said the ships carried no more than 1,000 containers to the port of Dunai.",
        "Der Wahlkreisabgeordnete verlangte am Abend eine Sondersitzung des Ausschusses.",
    ],
)
def test_another_number_name_day_bound_direction_or_negation_is_new(sentence: str) -> None:
    assert Said({7: Told(EARLIER)}).first_with(sentence) is None


def test_earliest_text_that_says_it_is_named() -> None:
    said = Said({3: Told(["Etwas ganz anderes stand hier über den Hafen."]), 5: Told(EARLIER), 9: Told(EARLIER)})
    assert said.first_with("Auf mehrere Übungsgelände im Fernen Osten wurden die Männer verteilt.") == 5


@pytest.mark.parametrize(
    ("earlier", "sentence"),
    [
        ("Nordkorea liefert Granaten an Russland.", "Russland liefert Granaten an Nordkorea."),
        ("Russland soll Nordkorea Öl liefern.", "Russland soll Nordkorea Öl und Raketentechnik liefern."),
        ("Nordkorea hilft Russland.", "Russland hilft Nordkorea."),
        ("Deutschland warf Russland eine Eskalation vor.", "Russland warf Deutschland eine Eskalation vor."),
        ("EU-Chefdiplomat Borrell verurteilte die Entsendung.", "EU-Chefdiplomat Borrell begrüßte die Entsendung."),
        (
            "Nach Ansicht von Experten ist die Munition von schlechter Qualität.",
            "Nach Ansicht von Experten ist die Munition von guter Qualität.",
        ),
        ("Die Ukraine bestätigte den Angriff auf das Depot.", "Die Ukraine dementierte den Angriff auf das Depot."),
        ("Die Lieferungen von Granaten haben seit Mai zugenommen.", "Die Lieferungen von Granaten haben seit Mai abgenommen."),
        (
            "Südkorea will Waffen an die Ukraine liefern, hieß es in Seoul.",
            "Südkorea will keine Waffen an die Ukraine liefern, hieß es in Seoul.",
        ),
        ("Der Kreml nannte den Bericht über die Soldaten richtig.", "Der Kreml nannte den Bericht über die Soldaten falsch."),
        ("Die Zahl der Züge über den Tumen ist gestiegen.", "Die Zahl der Züge über den Tumen ist gesunken."),
        ("Moskau hat den Kauf der Granaten begonnen.", "Moskau hat den Kauf der Granaten beendet."),
        ("Das Parlament in Seoul stimmte der Lieferung zu.", "Das Parlament in Seoul lehnte die Lieferung ab."),
        ("China unterstützt die Resolution gegen Pjöngjang.", "China blockiert die Resolution gegen Pjöngjang."),
        ("The Kremlin confirmed the deployment of troops.", "The Kremlin dismissed the deployment of troops."),
        ("Shipments of shells have increased since May.", "Shipments of shells have fallen since May."),
        ("Kyiv welcomed Seoul's decision on weapons.", "Kyiv condemned Seoul's decision on weapons."),
        (
            "Mehr als eine Million Granaten soll Nordkorea geliefert haben.",
            "Mehr als eine halbe Million Granaten soll Nordkorea geliefert haben.",
        ),
        ("Eine Million Granaten soll Nordkorea geliefert haben.", "Zwei Millionen Granaten soll Nordkorea geliefert haben."),
        ("Eine Million Granaten soll Nordkorea geliefert haben.", "Mehrere Millionen Granaten soll Nordkorea geliefert haben."),
        ("Nordkorea schickte laut Seoul einen General nach Russland.", "Nordkorea schickte laut Seoul drei Generäle nach Russland."),
        ("Seoul sprach von Hunderten Toten auf nordkoreanischer Seite.", "Seoul sprach von Tausenden Toten auf nordkoreanischer Seite."),
        ("Kim lieferte Putin ein Dutzend Raketen.", "Kim lieferte Putin zwei Dutzend Raketen."),
        ("Nordkorea schickt Soldaten und Granaten.", "Nordkorea schickt Soldaten, Granaten und Minenräumer."),
        ("Half a million shells were shipped from Rason.", "A million shells were shipped from Rason."),
        ("Dozens of trains crossed the border in May.", "Hundreds of trains crossed the border in May."),
    ],
)
def test_another_side_another_amount_the_contrary_and_what_is_joined_to_it_are_new(earlier: str, sentence: str) -> None:
    assert Said({7: Told([earlier])}).first_with(sentence) is None


@pytest.mark.parametrize(
    ("earlier", "sentence"),
    [
        ("Nordkorea liefert Granaten an Russland.", "Granaten liefert Nordkorea an Russland."),
        ("Nordkorea liefert Granaten an Russland.", "An Russland liefert Nordkorea Granaten."),
        ("Deutschland warf Russland eine Eskalation vor.", "Eine Eskalation hat Deutschland Russland vorgeworfen."),
        ("Die EU verurteilte die Lieferung der Granaten scharf.", "Scharf verurteilt hat die EU die Lieferung der Granaten."),
        (
            "Die Zahl der Züge ist seit Mai gestiegen, heißt es in dem Bericht.",
            "Dem Bericht nach ist die Zahl der Züge seit Mai angestiegen.",
        ),
        ("Mehr als eine Million Granaten soll Nordkorea geliefert haben.", "Nordkorea soll über 1 Mio. Granaten geliefert haben."),
        ("Die Granaten haben einen Wert von einer Milliarde Dollar.", "Die Granaten sind 1 Milliarde Dollar wert."),
        ("Kim lieferte Putin ein Dutzend Raketen.", "Zwölf Raketen lieferte Kim an Putin."),
        ("Nordkorea schickt Soldaten, Granaten und Minenräumer.", "Soldaten, Minenräumer und Granaten kommen aus Nordkorea."),
        ("Der Vertrag bindet Putin und Kim.", "Der Vertrag bindet Putin und Machthaber Kim."),
        ("Der Minister trat vor die Presse und sprach von 300 Raketen.", "Der Minister trat vor die Presse und nannte 300 Raketen."),
        ("Pjöngjang schickt Waffen und Munition per Schiff nach Dunai.", "Pjöngjang schickt Rüstung und Technik per Schiff nach Dunai."),
        ("Kim liefert Putin Granaten und Kurzstreckenraketen.", "Kim liefert Putin Granaten und Raketen."),
        ("Half a million shells were shipped from Rason.", "500,000 shells were shipped from Rason."),
    ],
)
def test_another_order_and_another_spelling_of_an_amount_are_not(earlier: str, sentence: str) -> None:
    assert Said({7: Told([earlier])}).first_with(sentence) == 7


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Seoul (dpa) - Drei Schiffe legten ab.", "Drei Schiffe legten ab."),
        ("NEW YORK (Reuters) — 1.000 Container kamen an.", "Tausend Container kamen an."),
        ("»Das ist falsch«, sagte er.", "„Das ist falsch“, sagte er."),
        ("Die Straße führt 20 % bergab.", "DIE STRASSE FÜHRT ZWANZIG PROZENT BERGAB."),
    ],
)
def test_dateline_typography_and_spelled_numbers_leave_the_wording_what_it_was(one: str, other: str) -> None:
    assert [sentence.key for sentence in read_sentences(one)] == [sentence.key for sentence in read_sentences(other)]


def test_two_accounts_of_one_event_are_kin_and_those_of_two_are_not(story: Story) -> None:
    wire = (
        "Vier Frachter haben nach Satellitenbildern seit August 32 Fahrten zwischen Rason und Dunai gemacht. Die Angara, die Maria "
        "und zwei weitere Schiffe der Reederei Oboronlogistika schalteten ihre Transponder ab. "
        "Analysten des Instituts RUSI zählten 300 Container an Deck."
    )
    again = (
        "Ohne Transponder pendeln die Angara und die Maria zwischen Dunai und Rason. 32 Fahrten zählte das Institut RUSI auf "
        "Satellitenbildern, an Deck der Frachter der Reederei Oboronlogistika standen 300 Container, sagen die Analysten."
    )
    else_ = (
        "Zwei Gefangene aus Kursk haben beim Verhör in Kiew ihre Ausbilder genannt. Ein Dolmetscher übersetzte die Aussagen des "
        "zwanzigjährigen Schützen, der am Kiefer verletzt ist. Menschenrechtler verlangen Schutz nach dem Genfer Abkommen für beide Männer."
    )
    themes = [frozenset(topics("", text, story)) for text in (wire, again, else_)]
    assert kinship(themes[0], themes[1]) > 0.4
    assert kinship(themes[0], themes[2]) < 0.1


SAID = st.lists(
    st.sampled_from("Kim Moskau liefert nicht 3000 Granaten Artilleriegranaten nach Rajin keine Öl zwölf Schiffe".split()), max_size=9
)


@given(SAID, SAID, SAID, st.booleans())
def test_gist_never_rules_out_what_the_words_say(mine: list[str], one: list[str], two: list[str], both: bool) -> None:
    """Numbers are looked at first: they may let too much through, but nothing else may come out because of them."""
    texts = [" ".join(said) for said in ([*one, *two] if both else mine, one, two)]
    said = gists(b"".join(map(gist, texts)))
    whole = [content(text) for text in texts]
    assert [len(part.stems) for part in said] == [len(part.stems) for part in whole]
    assert may_say_no_more(said[0], said[1]) or not says_no_more(whole[0], whole[1])
    here, there = whole[0].stems & whole[1].stems, whole[0].stems & whole[2].stems
    both_give = min(len(here - there), len(there - here)) >= MIN_JOINED
    assert both_may_be_needed(*said) or not (both_give and says_no_more(whole[0], whole[1] + whole[2]))
