"""200 texts in many languages and lengths."""

import random

SENTENCES = (
    "The quick brown fox jumps over the lazy dog.",
    "A dog runs happily through the park, isn't it?",
    "Taxes are due on the 15th of April 2026; pay $1,234.56 or 10%.",
    "Der Fußgänger überquerte die Straße bei Größenwahn.",
    "L'été, les élèves naïfs déjeunent à côté du château.",
    "El niño comió piñas en la montaña mañana por la mañana.",
    "Olá, você não está sozinho: coração e ação.",
    "Žluťoučký kůň úpěl ďábelské ódy.",
    "Zażółć gęślą jaźń w środku nocy.",
    "İstanbul'da yağmurlu bir gün, ışıklar söndü.",
    "Быстрая коричневая лиса прыгает через ленивую собаку.",
    "Ο γρήγορος σκύλος πηδά πάνω από το ΤΕΛΟΣ της οδού Σίσυφος.",
    "השועל המהיר קופץ מעל הכלב העצלן.",
    "الثعلب البني السريع يقفز فوق الكلب الكسول.",
    "तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है।",
    "দ্রুত বাদামী শিয়াল অলস কুকুরের উপর লাফ দেয়।",
    "வேகமான பழுப்பு நரி சோம்பேறி நாயை தாண்டுகிறது.",
    "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ",
    "빠른 갈색 여우가 게으른 개를 뛰어넘는다.",
    "한국어 문장은 낱자로 풀어서 토큰이 됩니다.",
    "素早い茶色の狐がのろまな犬を飛び越える。カタカナもガギグ。",
    "敏捷的棕色狐狸跳过了懒狗。繁體字也一樣。",
    "Con cáo nâu nhanh nhẹn nhảy qua con chó lười biếng.",
    "მარდი მელა ძაღლს ახტება. Հայերեն նախադասություն։",
    "😀 👩‍👩‍👧‍👦 🇩🇪 👍🏽 emoji ❤️ in a text 🎉",
    "def main() -> int:\n\treturn {'a': [1, 2, 3]}['a'][0]  # code",
    "https://example.org/a/b?c=d&e=%20#f user@example.org",
    "[MASK] and [SEP] and [not a token] and ##pieces",
    "x" * 150,
    "word " + "a" * 100 + " " + "b" * 101 + " end",
    "tabs\tand\r\nlines\u00a0no-break\u3000wide\u200bzero width\ufeff",
    "ﬁne ligatures, ½ fractions, Å ångström, e\u0301 composed \u1e9e",
)


def many_texts(count: int = 200) -> list[str]:
    chance = random.Random(20261123)
    texts = list(SENTENCES)
    while len(texts) < count:
        is_long = len(texts) % 20 == 0
        text = " ".join(chance.choice(SENTENCES) for _ in range(40 if is_long else 3))
        start = chance.randrange(len(text) // 3)
        texts.append(
            text[start : start + (4000 if is_long else chance.choice((3, 10, 20, 40, 90)))]
        )
    return texts
