"""How further languages count, in brief: digits with a scale, hedges, and a unit right behind, one adjective at most between.

Numbers in words and numbers without a noun are left alone there: nobody has labelled sentences to measure them on.
"""

from __future__ import annotations

from pipelines.figures.grammar import Grammar, hedges, phrases

_REACH = 2  # words looked at after the number and its "of"

FRENCH = Grammar(
    decimal=",", reach=_REACH, numbers={},
    scales={"mille": 10**3, "million": 10**6, "millions": 10**6, "milliard": 10**9, "milliards": 10**9},
    vague={"dizaines": 10, "centaines": 100, "milliers": 1000}, few=phrases("quelques"), ranges=phrases("à ou"),
    between=phrases("entre"), joins=phrases("et"), partitive=phrases("de des"), openers=phrases("les ces"),
    stops=phrases("et ou à en sur pour par dans est sont ont"), measures=phrases("mm km m kg ans pour"),
    hedges=hedges(about="environ quelque autour_de", at_least="au_moins", more_than="plus_de", under="moins_de près_de presque",
                  up_to="jusqu'à jusqu’à au_plus au_maximum"),
    year=phrases("en de fin début depuis"),
)  # fmt: skip
SPANISH = Grammar(
    decimal=",", reach=_REACH, numbers={}, scales={"mil": 10**3, "millón": 10**6, "millones": 10**6},
    vague={"decenas": 10, "cientos": 100, "miles": 1000}, few=phrases("algunos algunas"), ranges=phrases("a o"),
    between=phrases("entre"), joins=phrases("y"), partitive=phrases("de"), openers=phrases("los las"),
    stops=phrases("y o a en por para con es son han"), measures=phrases("mm km m kg años por"),
    hedges=hedges(about="unos unas alrededor_de aproximadamente", at_least="al_menos por_lo_menos", more_than="más_de",
                  under="menos_de cerca_de casi", up_to="hasta como_máximo"),
    year=phrases("en de desde"),
)  # fmt: skip
ITALIAN = Grammar(
    decimal=",", reach=_REACH, numbers={}, scales={"mila": 10**3, "milione": 10**6, "milioni": 10**6, "miliardi": 10**9},
    vague={"decine": 10, "centinaia": 100, "migliaia": 1000}, few=phrases("alcune alcuni"), ranges=phrases("a o"),
    between=phrases("tra fra"), joins=phrases("e"), partitive=phrases("di dei"), openers=phrases("i gli le"),
    stops=phrases("e o a in per con è sono hanno"), measures=phrases("mm km m kg anni per"),
    hedges=hedges(about="circa", at_least="almeno", more_than="più_di oltre", under="meno_di quasi", up_to="fino_a al_massimo"),
    year=phrases("nel dal di"),
)  # fmt: skip
DUTCH = Grammar(
    decimal=",", reach=_REACH, numbers={}, scales={"honderd": 100, "duizend": 10**3, "miljoen": 10**6, "miljard": 10**9},
    vague={"tientallen": 10, "honderden": 100, "duizenden": 1000}, few=phrases("enkele paar"), ranges=phrases("tot à of"),
    between=phrases("tussen"), joins=phrases("en"), partitive=phrases("van"), openers=phrases("de"),
    stops=phrases("en of in op aan voor met is zijn hebben"), measures=phrases("mm km m kg jaar procent"),
    hedges=hedges(about="ongeveer circa zo'n zo’n rond_de", at_least="minstens ten_minste", more_than="meer_dan ruim",
                  under="minder_dan bijna", up_to="tot maximaal hooguit"),
    year=phrases("in sinds eind begin"),
)  # fmt: skip
POLISH = Grammar(
    decimal=",", reach=_REACH, numbers={}, scales={"tys": 10**3, "tysięcy": 10**3, "tysiące": 10**3, "mln": 10**6, "miliona": 10**6,
                                                   "miliony": 10**6, "milionów": 10**6, "mld": 10**9},
    vague={"dziesiątki": 10, "setki": 100, "tysiące": 1000}, few=phrases("kilka"), ranges=phrases("do lub"),
    between=phrases("między"), joins=phrases("a"), stops=phrases("i a w na do z jest są"), measures=phrases("mm km m kg lat proc"),
    hedges=hedges(about="około ok", at_least="co_najmniej przynajmniej", more_than="ponad więcej_niż", under="prawie niemal mniej_niż",
                  up_to="do najwyżej maksymalnie"),
    year=phrases("w od"),
)  # fmt: skip
RUSSIAN = Grammar(
    decimal=",", reach=_REACH, numbers={}, scales={"тыс": 10**3, "тысяча": 10**3, "тысячи": 10**3, "тысяч": 10**3, "млн": 10**6,
                                                   "миллиона": 10**6, "миллионов": 10**6, "млрд": 10**9, "миллиардов": 10**9},
    vague={"десятки": 10, "сотни": 100, "тысячи": 1000}, few=phrases("несколько"), ranges=phrases("до или"),
    between=phrases("между"), joins=phrases("и"), stops=phrases("и в на до с из к"), measures=phrases("мм км м кг лет года году"),
    hedges=hedges(about="около примерно порядка приблизительно", at_least="не_менее минимум как_минимум", more_than="более больше свыше",
                  under="менее меньше почти", up_to="до не_более максимум"),
    year=phrases("в с"),
)  # fmt: skip
UKRAINIAN = Grammar(
    decimal=",", reach=_REACH, numbers={}, scales={"тис": 10**3, "тисяча": 10**3, "тисячі": 10**3, "тисяч": 10**3, "млн": 10**6,
                                                   "мільйона": 10**6, "мільйонів": 10**6, "млрд": 10**9, "мільярдів": 10**9},
    vague={"десятки": 10, "сотні": 100, "тисячі": 1000}, few=phrases("кілька"), ranges=phrases("до або"),
    between=phrases("між"), joins=phrases("і та"), stops=phrases("і та в у на до з із"), measures=phrases("мм км м кг років року році"),
    hedges=hedges(about="близько приблизно орієнтовно", at_least="щонайменше не_менше", more_than="понад більше більше_ніж",
                  under="менше майже", up_to="до не_більше максимум"),
    year=phrases("у в з"),
)  # fmt: skip
