"""German sentences of our own, put together from parts: on the story, and on what else fills a newspaper."""

from __future__ import annotations

import random
import re

_PARTS = {
    "who": "Südkoreas Verteidigungsministerium|der Geheimdienst in Seoul|ein Sprecher des Weißen Hauses|die Regierung in Kiew|"
    "das ukrainische Militär|ein Bericht der Vereinten Nationen|die Denkfabrik in Washington|ein hoher Beamter in Tokio|"
    "der Generalstab in Seoul|die Außenministerin in Berlin|ein Abgeordneter nach einer Unterrichtung|der Militärexperte",
    "says": "teilte mit|erklärte|sagte|berichtete|betonte|führte aus|bestätigte|räumte ein",
    "when": "am Montag|am Dienstag|am Mittwoch|am Donnerstag|am Freitag|am Wochenende|Mitte September|Ende Oktober 2023|seit August|"
    "im vergangenen Monat|in der Nacht zu Sonntag|am 13. Juni 2024",
    "amount": "rund 3.000|mindestens 10.000|mehr als 6.700|bis zu 12.000|etwa 1.500|knapp 8.000|Tausende|Hunderte|Dutzende|20|fast 500",
    "arms": "Container mit Munition|Artilleriegranaten|Kurzstreckenraketen|Soldaten|Mehrfachraketenwerfer|Haubitzen|Raketen vom Typ KN-23",
    "to": "nach Russland|an die russische Armee|an Moskau|für den Krieg gegen die Ukraine nach Russland|in den russischen Fernen Osten",
    "gave": "geliefert|verschifft|geschickt|verkauft|transportiert",
    "back": "Treibstoff|Lebensmittel|Satellitentechnik|Ersatzteile für Flugzeuge|Devisen|Bauteile für Raketen",
    "place": "im Hafen Rajin|an der Grenze bei Tumangang|in der Region Kursk|in Wladiwostok|am Bahnhof von Chassan|"
    "in einem Depot bei Tichorezk",
    "town": "Altenburg|Seehausen|Lindau|Neustadt|Wiesental|Birkenfeld|Oberndorf|Rheinau|Talheim|Waldkirch|Brunnthal|Hafenstadt",
    "body": "der Gemeinderat|die Bürgermeisterin|der Verein|die Schulleitung|das Landratsamt|der Trainer|die Geschäftsführung|"
    "der Betriebsrat|das Orchester|die Feuerwehr|die Klinikleitung|der Wetterdienst|die Staatsanwaltschaft|der Bauernverband",
    "thing": "die neue Turnhalle|den Ausbau der Radwege|das Hallenbad|den Fahrplan der Regionalbahn|die Sanierung der Brücke|"
    "das Sommerfest|den Haushalt|die Ernte|das letzte Heimspiel|die Mieten|den Tarifvertrag|"
    "die Ausstellung im Museum|das Windrad am Ortsrand",
    "did": "beraten|verschoben|vorgestellt|gelobt|kritisiert|verteidigt|beschlossen|abgelehnt|geprüft",
    "feel": "zufrieden|überrascht|vorsichtig|enttäuscht|gelassen|zuversichtlich|zurückhaltend",
    "reason": "wegen der gestiegenen Kosten|nach langen Gesprächen|trotz des schlechten Wetters|ohne Gegenstimme|mit großer Mehrheit|"
    "auf Antrag der Opposition|im Beisein vieler Gäste|zum dritten Mal in Folge",
    "name": "Anna Keller|Jonas Brandt|Miriam Vogt|Peter Lang|Sabine Roth|Lukas Winter|Eva Sommer|Karl Neumann|Julia Hartmann|Tobias Frank",
}
PARTS = {name: tuple(text.split("|")) for name, text in _PARTS.items()}
STORY = (
    "Nordkorea hat {when} {amount} {arms} {to} {gave}, {says} {who}.",
    "Nach Angaben aus Seoul wurden {amount} {arms} aus Nordkorea {place} {word} und {word} umgeladen.",
    "{who} {says}, die Lieferungen aus Pjöngjang an Russland hätten {when} um {n} Prozent zugenommen.",
    "Im Gegenzug bekommt Nordkorea von Russland {back} und {back}, {says} {who} {when}.",
    "Auf Satellitenbildern sind {place} Züge zu sehen, die {amount} {arms} aus Nordkorea nach Russland brachten.",
    "Moskau und Pjöngjang weisen den Vorwurf zurück, es würden {arms} geliefert; {who} nannte das {word}.",
    "Die nordkoreanische Munition wird von russischen Truppen {place} eingesetzt, {says} {name} der {word} Zeitung.",
    "{who} rechnet damit, dass Nordkorea bis zu {n} weitere {arms} {to} schickt.",
    "Kim Jong Un und Wladimir Putin hatten {when} eine engere militärische Zusammenarbeit und {word} vereinbart.",
    "Von {amount} gelieferten Granaten aus Nordkorea sei jede {n}. unbrauchbar, {says} {who} über die russische Armee.",
    "Die Sanktionen gegen nordkoreanische Waffenlieferungen an Russland sollen {when} auf {word} und {word} ausgeweitet werden.",
)
OTHER = (
    "In {town} hat {body} {when} {thing} {did}, und zwar {reason}.",
    "{name} zeigte sich nach der Sitzung {feel} und sprach von {n} Anträgen, die {word} und {word} beträfen.",
    "Für {thing} sind {n} Euro je {word} vorgesehen, {says} {body} in {town}.",
    "Wer {when} nach {town} fährt, muss {reason} mit {word} und längeren Wartezeiten rechnen.",
    "{body} in {town} {says}, man habe {thing} {reason} {did}.",
    "Rund {n} Besucher kamen {when} nach {town}, mehr als {body} erwartet hatte.",
    "Das {word} von {town} schloss {when} mit {n} Punkten, ein Plus gegenüber dem Vormonat.",
    "„Wir sind {feel}“, sagte {name}, „aber {thing} bleibt eine Frage von {word} und {word}.“",
    "Bis zum Abend fielen in {town} {n} Liter Regen je Quadratmeter, {says} {body}.",
    "Der Entwurf, den {name} {when} vorlegte, umfasst {n} Seiten und wurde {reason} {did}.",
)
HEADLINES = (
    "Nordkorea liefert {amount} {arms} an Russland", "Seoul: {amount} {arms} aus Nordkorea für Russlands Krieg",
    "Nordkorea bekommt {back} für {arms} an Moskau", "Waffen aus Nordkorea: {who} nennt neue Zahlen zu Russland",
)  # fmt: skip
OTHER_HEADLINES = (
    "{town}: {thing} {reason} {did}", "{name} und {thing}: Streit in {town}",
    "{n} Besucher kamen nach {town}", "{body} in {town} bleibt {feel}",
)  # fmt: skip
CLAUSES = "wobei weil obwohl nachdem während sodass bevor indem wodurch womit".split()
OWN = 0.15  # of the gaps between two words have one more: independent reports hardly ever have five words in a row in common
_GAP = re.compile(r"(?<=[a-zäöüß,]) (?=[a-zäöüß])")
_SLOT = re.compile(r"\{(\w+)\}")


class Prose:
    """Sentences and headlines, always the same for a seed. `words` are names that stand in the gaps, so that no two texts agree."""

    def __init__(self, chance: random.Random, words: list[str]) -> None:
        self.chance = chance
        self.plain = words
        self.words = [word.capitalize() for word in words]

    def headline(self, story: bool) -> str:
        """A headline on the story, or on something else."""
        return self._filled(self.chance.choice(HEADLINES if story else OTHER_HEADLINES))

    def paragraphs(self, story: bool) -> list[str]:
        """A text of 250 to 650 words, three or four sentences a paragraph; of the story six sentences in ten tell it."""
        sentences = [self.sentence(story and self.chance.random() < 0.6) for _ in range(self.chance.randint(9, 22))]
        if story:
            sentences[0] = self.sentence(True)
        return [" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4)]

    def sentence(self, story: bool) -> str:
        """A sentence on the story, or on something else; reporters share stock phrases, so each ends in words of its own."""
        said = self._filled(self.chance.choice(STORY if story else OTHER))
        return f"{said[:-1]}, {self.chance.choice(CLAUSES)} {' '.join(self.chance.choices(self.plain, k=self.chance.randint(6, 14)))}."

    def _filled(self, template: str) -> str:
        text = _SLOT.sub(self._part, template)
        text = _GAP.sub(lambda gap: f" {self.chance.choice(self.plain)} " if self.chance.random() < OWN else " ", text)
        return text[:1].upper() + text[1:]

    def _part(self, slot: re.Match[str]) -> str:
        if slot[1] == "word":
            return self.chance.choice(self.words)
        return str(self.chance.randint(2, 9000)) if slot[1] == "n" else self.chance.choice(PARTS[slot[1]])
