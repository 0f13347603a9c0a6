"""The words that carry no content of their own, turn a sentence, or are facts as numbers are."""

from __future__ import annotations

# Polarity: a sentence that turns one of these says something else.
NEGATIONS = frozenset(
    """
    nicht kein keine keinen keiner keinem keines nie niemals weder ohne nichts niemand keinerlei keineswegs unmöglich
    bestritt bestreitet bestritten bestreiten dementiert dementierte dementierten dementieren leugnet leugnete zurückgewiesen
    not no never without neither nor nobody nothing none cannot denied denies deny denying rejected rejects
    ne pas non jamais aucun aucune sans ni nie brak bez żaden żadnych не нет ни без никогда немає без жодного no nunca sin ningún
    """.split()
)
FUNCTION = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines und oder aber doch auch sowie als wie dass ob wenn weil da so zu zum
    zur im in an am auf aus bei beim mit nach von vom vor für über unter um durch gegen zwischen seit bis sich es er sie wir ihr
    ihre ihren ihrem ihrer ihres sein seine seinen seinem seiner seines ist sind war waren wird werden wurde wurden worden hat haben
    hatte hatten habe sei seien soll sollen sollte sollten kann können könnte könnten laut zufolge demnach unterdessen zudem außerdem
    ausserdem dabei damit dort hier jetzt nun noch schon bereits sagte sagt erklärte teilte hieß hiess weiter dies diese dieser dieses
    diesem diesen denen deren dessen man mehr nur sehr wieder ihm ihn ihnen angaben angabe demzufolge hätten hätte habe würde würden
    wäre wären worden gewesen bisher zuvor nach jedoch allerdings etwa rund davon dafür daran darauf darin mitteilte betonte fügte hinzu
    the a an and or but also as that if when because to in on at of for from by with about into over under between since until
    it he she we they his her its their is are was were will would be been being has have had may might can could should said
    says told according meanwhile there here now still already this these those which who whom whose than then such more
    le la les un une des du de et ou mais que qui dans sur pour par avec est sont été a ont au aux ce cette ces il elle selon
    el los las y o pero en por con es son fue ha han su sus se lo del al según
    i w z na do że się jest są był była było oraz od po za o dla jak to ten ta te który która które według
    и в с на по что к у из за от до как это его ее их о об для при был была были а но та й і у з на до що як це його її їх про від за
    """.split()
)
# Words that are facts as numbers are: another day, fraction or bound says something else.
FACTS = frozenset(
    """
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar jänner februar feber märz april mai juni juli august
    september oktober november dezember monday tuesday wednesday thursday friday saturday sunday january february march may june july
    october december
    hälfte drittel viertel fünftel zehntel doppelt dreifach zweifach halb half third quarter fifth double triple twice
    mindestens wenigstens höchstens maximal
    million millionen milliarde milliarden billion billionen dutzend dutzende dutzenden hunderte hunderten tausende tausenden
    zehntausende zehntausenden hunderttausende hunderttausenden millions billions dozen dozens hundreds thousands
    """.split()
)
DETERMINERS = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines im am zum zur vom beim ins kein keine keinen keiner mehrere viele einige alle
    diese dieser dieses diesem diesen ihre ihren ihrem ihrer seine seinen seinem seiner solche solcher weitere weiteren weiterer neue neuen
    the a its their his her these those some many several
    """.split()
)
# Countries that end as nouns do; their genitives say whose ("Russlands Präsident" is the Kremlchef), not who.
LANDS = frozenset("russland deutschland finnland griechenland lettland estland england irland island thailand neuseeland holland".split())
WITH_ARTICLE = frozenset("iran irak ukraine schweiz türkei mongolei usa slowakei sudan jemen libanon niederlande philippinen krim".split())
SAME_FACT = {"jänner": "januar", "feber": "februar", "sonnabend": "samstag"} | {  # Austria and the north
    f"{many}n": many for many in ("dutzende", "hunderte", "tausende", "zehntausende", "hunderttausende")
}
# After "eine", "halbe", "a" or "half a" these are the numbers that others write in digits.
AMOUNTS = {"million": 10**6, "milliarde": 10**9, "billion": 10**9, "dutzend": 12, "dozen": 12, "hundred": 100, "thousand": 1000}
ONES = frozenset("ein eine einen einem einer eines a one".split())
HALVES = frozenset("halbe halben halbes half".split())
_OPPOSITES = """
    begrüßt begrüßte begrüßten lobt lobte gelobt würdigte welcomed welcomes praised praises | verurteilt verurteilte verurteilten kritisiert
        kritisierte kritisierten rügte condemned condemns criticized criticised denounced
    gut gute guter guten gutes hoch hohe hoher hohen hochwertig good high | schlecht schlechte schlechter schlechten niedrig niedrige
        niedriger niedrigen minderwertig minderwertige bad poor low
    richtig wahr zutreffend korrekt true correct | falsch unwahr haltlos unzutreffend erfunden erlogen false wrong fabricated
    stieg stiegen steigt steigen gestiegen angestiegen wuchs gewachsen zugenommen zunehmen erhöht erhöhte gesteigert verdoppelt rose
        risen rises grown grew increased doubled | sank sanken sinkt sinken gesunken fiel zurückgegangen abgenommen abnehmen geschrumpft
        verringert gesenkt senkte reduziert reduzierte halbiert fell fallen declined dropped decreased halved reduced
    begonnen begann begannen beginnt gestartet aufgenommen begun began begins started launched | beendet beendete endete endet eingestellt
        gestoppt stoppte abgebrochen ended ends halted stopped suspended
    stimmte zugestimmt gebilligt billigte angenommen approved accepted backed | lehnte abgelehnt ablehnt verworfen opposed vetoed
    unterstützt unterstützte befürwortet befürwortete supports supported | blockiert blockierte verhindert verhinderte boykottiert blocked
    bestätigt bestätigte bestätigten confirmed confirms acknowledged | bezweifelt bezweifelte dismissed dismisses disputed disputes
    erlaubt erlaubte genehmigt genehmigte allowed permitted | verboten verbietet verbot untersagt untersagte banned barred
    gewann gewonnen erobert eroberte won captured seized | verlor verloren geräumt lost
    kauft kaufte gekauft bought buys | verkauft verkaufte sold sells
    erfolgreich geglückt gelungen gelang succeeded successful | gescheitert scheiterte misslungen missglückt failed unsuccessful
    freigelassen freigekommen released freed | festgenommen verhaftet gefangengenommen detained arrested
    geöffnet öffnete öffnet opened opens | geschlossen schloss schließt closed closes
    erwägt erwog erwogen prüft | ausgeschlossen ausschließt ausschloss
    zuversichtlich optimistisch hopeful optimistic | besorgt pessimistisch worried pessimistic
"""
# A word and those that say the contrary, in one pair of lists a line.
OPPOSITES = [tuple(side.split() for side in line.split("|")) for line in _OPPOSITES.replace("\n        ", " ").strip().split("\n")]
# Common nouns by their last part, as German builds compounds: these are never names.
COMMON_TAILS = tuple(
    """
    chef haber präsident minister sprecher führer berater expert analyst forscher ermittler soldat truppe kämpfer offizier general
    diplomat abgeordnet politiker beobachter fachleut leute mann männer frau mensch bürger familie rakete granate geschoss munition
    waffe panzer drohne schiff frachter tanker zug waggon container ladung kiste fabrik werk hafen bahnhof depot lager front krieg
    angriff armee land staat stadt region gebiet grenze dienst behörde ministerium parlament bericht bild daten zahl angabe aussage
    million milliarde dollar euro tonne stück jahr monat woche tag abend morgen teil ende anfang hälfte beleg hinweis beweis abkommen
    vertrag pakt vorwurf treffen besuch gespräch hilfe technik öl
    """.split()
)
TOWARDS = frozenset("an nach für to for".split())  # what stands after one of these gets something
AWAY = frozenset("aus von from by durch".split())
