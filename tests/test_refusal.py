"""What stands in an article's place is refused by its kind; an article that speaks of such things is not."""

from __future__ import annotations

import pytest

from pipelines.extract import refusal
from tests.test_extract import BODY, LD, SENTENCE, URL, page

LINKS = "".join(f"<article><h2><a href=/a{n}>Meldung {n}</a></h2><p>{SENTENCE}.</p></article>" for n in range(9))
LOGIN_FORM = "<form><input type=email><input type=password></form>"


@pytest.mark.parametrize(
    ("title", "body", "wanted"),
    [
        ("Weiter", "<p>Weiterlesen mit Werbung</p><p>oder im Pur-Abo ohne Werbung</p>", "wall"),
        ("Ihre Wahl", "<p>Mit Ihrer Zustimmung nutzen wir Cookies.</p><button>Zustimmen</button><p>Werbefrei lesen</p>", "wall"),
        ("We value your privacy", "<p>We and our partners need your consent.</p><button>Accept all</button>", "wall"),
        ("Privatsphäre", "<p>Ihre Einwilligung: personalisierte Anzeigen. Wenn Sie einverstanden sind, klicken Sie.</p>", "wall"),
        ("Votre choix", "<p>Avec votre consentement: J'accepte ou refuser.</p>", "wall"),
        ("Anmelden", f"<p>Bitte melden Sie sich an.</p>{LOGIN_FORM}", "login"),
        ("Login - Hafenbote", LOGIN_FORM, "login"),
        ("Sign in to continue", LOGIN_FORM, "login"),
        ("Mein Konto", LOGIN_FORM, "login"),
        ("Willkommen zurück", LOGIN_FORM, "login"),
        ("404", "<p>Schade.</p>", "gone"),
        ("Seite nicht gefunden", "<p>Suchen Sie doch.</p>", "gone"),
        ("Der Artikel ist nicht mehr verfügbar", "<p>Er wurde entfernt.</p>", "gone"),
        ("Diese Seite existiert leider nicht", "<p>Zur Startseite</p>", "gone"),
        ("Page not found", LINKS, "gone"),
        ("This story was removed", "<p>Sorry.</p>", "gone"),
        ("Page introuvable", "<p>Désolé.</p>", "gone"),
        ("Страница не найдена", "<p>Увы.</p>", "gone"),
        ("Just a moment...", "<p>Wait.</p>", "challenge"),
        ("Attention Required!", "<p>Ray ID</p>", "challenge"),
        ("Access denied", "<p>You do not have permission.</p>", "challenge"),
        ("Sicherheitsüberprüfung", "<p>Bitte lösen Sie das Rätsel.</p>", "challenge"),
        ("hafenbote.example", "<p>Please enable JavaScript to continue. Are you a robot?</p>", "challenge"),
        ("503 Service Unavailable", "<p>Später.</p>", "challenge"),
        ("Wartungsarbeiten", "<p>Wir sind gleich zurück.</p>", "challenge"),
        ("Politik", LINKS, "section"),
        ("Thema: Kräne", LINKS, "section"),
        ("Kran am Kai steht still", BODY, None),
        ("Kran am Kai steht still", BODY + LINKS, None),
        ("Zustimmung zu Cookies: Was das Gesetz verlangt", BODY, None),
        ("Fehler 404 im Hafen", BODY * 3, None),
        ("Forscher knacken Captcha", BODY * 3, None),
    ],
)
def test_what_is_no_article_is_refused_by_its_kind(title: str, body: str, wanted: str | None) -> None:
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>".encode()
    assert refusal(html, URL) == wanted


def test_list_that_describes_itself_as_articles_is_still_a_section() -> None:
    items = ",".join(f'{{"@type": "ListItem", "item": {{"@type": "NewsArticle", "headline": "Meldung {n}"}}}}' for n in range(9))
    listed = LD % f'{{"@type": "CollectionPage", "mainEntity": {{"@type": "ItemList", "itemListElement": [{items}]}}}}'
    assert refusal(f"<html><head>{listed}</head><body>{LINKS}</body></html>".encode(), URL) == "section"
    assert refusal(page(), "https://www.hafenbote.example/") == "section"
