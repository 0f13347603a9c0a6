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
    """.split()
)
DETERMINERS = frozenset(
    """
    der die das den dem des ein eine einen einem einer eines im am zum zur vom beim ins kein keine keinen keiner mehrere viele einige alle
    diese dieser dieses diesem diesen ihre ihren ihrem ihrer seine seinen seinem seiner solche solcher weitere weiteren weiterer neue neuen
    the a its their his her these those some many several
    """.split()
)
WITH_ARTICLE = frozenset("iran irak ukraine schweiz türkei mongolei usa slowakei sudan jemen libanon niederlande philippinen krim".split())
SAME_FACT = {"jänner": "januar", "feber": "februar", "sonnabend": "samstag"}  # Austria and the north
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
