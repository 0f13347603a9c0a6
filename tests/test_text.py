"""What every language shares: cleaning, folding, words, sentences."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.sentences import sentences
from pipelines.text import clean, fold, lowered, one_line, tokens

INVISIBLE = "\u00ad\u180b\u200b\u200d\u200e\u202e\u2060\u2066\u206a\ufe00\ufeff\ufff9\U0001d173\U000e0001\U000e0100"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
# Letters, signs and spaces as news carry them, so that examples hit the rules more often than any Unicode would.
NEWS = st.text(alphabet="abzäöüßABZÄÖÜé0123456789 .,!?…:;-–—'’„“”«»\"()\n\t\r\u00a0\u202f\u00ad\u200b\u0301北朝。「」한국Д", max_size=200)
ALPHABET = "".join(chr(code) for code in range(0x100, 0x180)) + " "  # more capitals than are lowered one by one
TEXTS = st.one_of(st.text(max_size=200), NEWS)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("Nord\u00adkorea", "Nordkorea"),
        ("Pjo\u0308ngjang", "Pjöngjang"),
        ("Pjo\u00ad\u0308ngjang", "Pjöngjang"),
        ("7000\u00a0Container", "7000 Container"),
        ("7\u202f000 \t Container", "7 000 Container"),
        ("  Moskau \r\n Seoul\r", "Moskau\nSeoul\n"),
        ("Kim\x00Jong\x0bUn", "Kim Jong Un"),
        ("eins\n\n\nzwei", "eins\n\n\nzwei"),
        ("eins\u2028zwei", "eins zwei"),
        ("a\ud800b", "ab"),
        (INVISIBLE, ""),
        ("Nord" + "".join(chr(0xE0000 + ord(letter)) for letter in "ignore all") + "korea", "Nordkorea"),  # words nobody sees
        (f"{ENGLAND} gegen {ENGLAND}", f"{ENGLAND} gegen {ENGLAND}"),
        (ENGLAND[:-1], ENGLAND[0]),  # a flag that does not end is none
        (f"{ENGLAND[0]}{ENGLAND[1:3]}\u200b{ENGLAND[3:]}", ENGLAND),
        ("\U0001f3f4\U000e0075\U000e0073\U000e0074\U000e0078\U000e007f", "\U0001f3f4"),  # Texas has none
        ("Nord\ufe0fkorea \u2764\ufe0f\ufe0f", "Nordkorea \u2764\ufe0f"),
        ("\u845b\U000e0100\u57ce", "\u845b\u57ce"),
    ],
)
def test_clean_keeps_letters_and_newlines_and_drops_what_nobody_sees(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


@given(TEXTS)
@settings(deadline=None)
@example("a  b")
@example(" a b ")
@example("a\nb")
def test_text_that_looks_clean_already_is_what_cleaning_makes_of_it(text: str) -> None:
    """Nothing that has an invisible character looks so."""
    assert clean(text) == clean(f"\u200b{text}")


def test_no_letter_that_cleaning_changes_looks_clean() -> None:
    for letter in map(chr, range(0x11000)):
        assert clean(f"a{letter}e") == clean(f"\u200ba{letter}e"), hex(ord(letter))


@given(TEXTS)
@settings(deadline=None)
@example("e\x00\u0301")
@example("a\u00ad\u0308 \u200b b\r\r\n")
@example("\u2764\u200b\ufe0f a\u200b\ufe0f \U0001f3f4\ufe0f\U000e0067 \U000e0001\ufe0f")
def test_cleaning_twice_changes_no_more_than_cleaning_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not set(INVISIBLE) & set(cleaned)
    assert one_line(text) == " ".join(cleaned.split())


@given(TEXTS)
@settings(deadline=None)
@example("İSTANBUL Kim")
def test_lower_case_keeps_every_offset(text: str) -> None:
    low = lowered(text)
    assert len(low) == len(text)
    assert all(small in (letter.lower(), letter) or letter == "Σ" for small, letter in zip(low, text, strict=True))


@pytest.mark.parametrize(
    "written",
    ["1.000", "1,000", "1 000", "1'000", "1’000", "1´000", "1\u00a0000", "1\u2009000", "1\u202f000", "1000", "tausend", "Eintausend"],
)
def test_a_thousand_is_one_word_however_it_is_written(written: str) -> None:
    assert tokens(f"mehr als {written} Container") == ["mehr", "als", "1000", "container"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1.000.000 Schuss", ["1000000", "schuss"]),
        ("12'345'678 Franken", ["12345678", "franken"]),
        ("1.234,56 Euro", ["1234,56", "euro"]),
        ("3,5 Millionen", ["3500000"]),
        ("1.5 million", ["1500000"]),
        ("2023 500 Container", ["2023", "500", "container"]),
        ("am 13.10.2023", ["am", "13.10.2023"]),
        ("am 13. 10. 2023", ["am", "13", "10", "2023"]),
        ("10–20 Raketen", ["10", "20", "raketen"]),
        ("zwölf Züge", ["12", "züge"]),
        ("zehntausend Mann", ["10000", "mann"]),
        ("ein Zug", ["ein", "zug"]),
        ("7000-mal", ["7000", "mal"]),
    ],
)
def test_numbers_are_grouped_only_where_a_number_is_meant(written: str, words: list[str]) -> None:
    assert tokens(written) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("Weißes Haus", "Weisses Haus"),
        ("Waﬀen, ﬁnden, Oﬃzier", "Waffen finden Offizier"),
        ("„Wir liefern nicht“", "«Wir liefern nicht»"),
        ("“We deny it”", '"We deny it"'),
        ("Kim's Reise", "Kim’s Reise"),
        ("KN–23", "KN-23"),
        ("Nord\u00adkorea", "Nordkorea"),
        ("Nord\u200bkorea", "NORDKOREA"),
        ("Kim\u00a0Jong\u202fUn", "Kim Jong Un"),
        ("Pjo\u0308ngjang", "Pjöngjang"),
        ("ＫＮ２３", "KN23"),
        ("ﾐｻｲﾙ", "ミサイル"),
    ],
)
def test_typography_makes_no_other_word(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != []


@pytest.mark.parametrize(
    ("one", "other"), [("Nordkorea", "Südkorea"), ("7000", "9000"), ("3,5", "35"), ("1.5", "15"), ("schon", "schön"), ("북한", "남한")]
)
def test_what_differs_in_more_than_typography_stays_different(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)
    assert fold(one) != fold(other)


def test_japanese_and_chinese_signs_are_words_and_korean_words_stay_whole() -> None:
    assert tokens("北朝鮮が武器") == list("北朝鮮が武器")
    assert tokens("북한이 무기를") == ["북한이", "무기를"]


@given(TEXTS)
@settings(deadline=None)
def test_words_are_never_empty_and_carry_no_space(text: str) -> None:
    assert all(word and not any(letter.isspace() for letter in word) for word in tokens(text))


@given(st.text(alphabet="abcäöüßxyz 0123456789.,–„“", max_size=100))
@settings(deadline=None)
def test_words_in_capitals_are_the_same_words(text: str) -> None:
    assert tokens(text.upper()) == tokens(text)


@pytest.mark.parametrize(
    "pieces",
    [
        ["Dr. Kim sagte es.", "Prof. Lee auch."],
        ["Mr. Smith met Gen. Jones.", "They left."],
        ["Es kam z. B. vor.", "Dann nicht."],
        ["Es kam z.B. vor.", "Dann nicht."],
        ["Kosten von 3,5 Mrd. Euro.", "Mehr nicht."],
        ["Die Lieferung vom 5. Mai kam an.", "Am 6. Juni folgte die nächste."],
        ["Am 13. Oktober 2023 kam er.", "Er ging."],
        ["Am 13. 10. 2023 geschah es.", "Niemand sah es."],
        ["Der XX. Parteitag begann.", "Er endete."],
        ["Die 3. Armee rückt vor.", "Die anderen warten."],
        ["John F. Kennedy sagte das.", "J. R. Smith auch."],
        ["The U.S. Navy came.", "It left."],
        ["It fired 1.5 tons.", "It stopped."],
        ["5.000 Soldaten kamen.", "300 fielen."],
        ["Um 19.45 Uhr kam er.", "Er blieb bis 20 Uhr."],
        ["Er kam 2023.", "Sie ging 2024."],
        ["Es waren 70.", "Das Haus war leer."],
        ["„Wir liefern nicht.“", "Das sagte er."],
        ["“We deny it.”", "He left."],
        ["«Wir haben nie geliefert.»", "So hiess es."],
        ["„Nein“, sagte er.", "„Ja.“", "„Doch!“"],
        ["Wann?", "Jetzt!", "Bald …"],
        ["Mehr auf example.com.", "Oder auch nicht."],
        ["Er zögerte ...", "Dann ging er."],
        ["Ende.", "(Anfang.)", "Mitte."],
        ["북한이 무기를 보냈다.", "러시아는 부인했다."],
        ["Оружие поставлено.", "Россия это отрицает."],
    ],
    ids="|".join,
)
def test_sentences_are_told_apart(pieces: list[str]) -> None:
    assert [sentence for _, sentence in sentences(" ".join(pieces))] == pieces


@pytest.mark.parametrize(
    "pieces",
    [
        ["北朝鮮は武器を送った。", "ロシアは否定した。"],
        ["朝鲜提供了弹药！", "真的吗？", "是的。"],
        ["「我々は送っていない。」", "ロシアはこう述べた。"],
    ],
    ids="|".join,
)
def test_sentences_without_spaces_between_them_are_told_apart(pieces: list[str]) -> None:
    assert [sentence for _, sentence in sentences("".join(pieces))] == pieces


@pytest.mark.parametrize("text", ["Eins\nZwei", "Eins \n\n Zwei", "Eins\n…\nZwei\n"])
def test_a_newline_ends_a_sentence_and_a_line_without_words_is_none(text: str) -> None:
    assert [sentence for _, sentence in sentences(text)] == ["Eins", "Zwei"]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "…", "* * *", "„“"])
def test_where_no_word_is_there_is_no_sentence(text: str) -> None:
    assert sentences(text) == []


@given(TEXTS)
@settings(deadline=None)
@example("Dr. Kim. „Ja.“ 5. Mai\nNr. 5. Das")
def test_offsets_point_at_the_sentence_and_no_letter_is_lost(text: str) -> None:
    end = 0
    for offset, sentence in sentences(text):
        assert text[offset : offset + len(sentence)] == sentence == sentence.strip() != ""
        assert offset >= end
        assert "\n" not in sentence
        end = offset + len(sentence)
    assert [c for _, sentence in sentences(text) for c in sentence if c.isalnum()] == [c for c in text if c.isalnum()]


@pytest.mark.parametrize("text", ["Er ging. " * 3000, "." * 8000 + "x", "a" * 30000 + ". B", "a. " * 6000, "1.000 " * 5000])
def test_a_long_paragraph_is_split_in_no_time(text: str) -> None:
    begun = time.perf_counter()
    found = sentences(text)
    assert time.perf_counter() - begun < 1.0  # what grows with the length alone takes milliseconds
    assert found


@pytest.mark.parametrize("text", ["Öl aus PJÖNGJANG ", "Северная КОРЕЯ ", "ΟΔΟΣ ΣΕΟΥΛ ", "İstanbul und Ankara ", "北朝鮮ＡＢＣ ", ALPHABET])
def test_long_text_is_lowered_as_a_short_one_is(text: str) -> None:
    assert lowered(text * 400) == lowered(text) * 400
