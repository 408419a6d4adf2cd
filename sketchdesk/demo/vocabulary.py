"""The demo's language: its nouns, the emoji sprite that draws each, and the settings they stand in."""

from __future__ import annotations

from sketchdesk.library.evaluation import study_presets

STYLE_PREFIX = study_presets.STYLE_PREFIX
"""The style words of the report: in front of a caption they ask for a line drawing."""

NOUNS: dict[str, str] = {
    # people
    "ninja": "ninja", "man on a horse": "horse-racing", "man riding a bike": "man-biking", "boy": "boy",
    "girl": "girl", "princess": "princess", "astronaut": "astronaut", "skier": "skier",
    "snowman": "snowman", "robot": "robot", "dancer": "woman-dancing",
    # animals
    "zebra": "zebra", "monkey": "monkey", "giraffe": "giraffe", "horse": "horse", "dog": "dog", "cat": "cat",
    "cow": "cow", "pig": "pig", "sheep": "ewe", "goat": "goat", "camel": "camel", "llama": "llama",
    "elephant": "elephant", "hippopotamus": "hippopotamus", "mouse": "mouse",
    "rabbit": "rabbit", "squirrel": "chipmunk", "beaver": "beaver", "hedgehog": "hedgehog", "bat": "bat",
    "bear": "bear", "koala": "koala", "panda": "panda", "sloth": "sloth",
    "kangaroo": "kangaroo", "turkey": "turkey", "rooster": "rooster",
    "penguin": "penguin", "eagle": "eagle", "duck": "duck", "swan": "swan", "owl": "owl",
    "flamingo": "flamingo", "peacock": "peacock", "parrot": "parrot", "frog": "frog", "crocodile": "crocodile",
    "turtle": "turtle", "snake": "snake", "dragon": "dragon", "dinosaur": "sauropod",
    "whale": "spouting-whale", "dolphin": "dolphin", "fish": "tropical-fish", "shark": "shark",
    "octopus": "octopus", "snail": "snail", "butterfly": "butterfly", "bee": "honeybee",
    "ladybug": "lady-beetle", "spider": "spider", "crab": "crab",
    "squid": "squid", "lion": "lion", "fox": "fox", "wolf": "wolf", "unicorn": "unicorn",
    # plants
    "cactus": "cactus", "palm tree": "palm-tree", "pine tree": "evergreen-tree", "tree": "deciduous-tree",
    "sunflower": "sunflower", "rose": "rose", "tulip": "tulip", "mushroom": "mushroom",
    # food
    "apple": "red-apple", "banana": "banana", "pear": "pear", "cherry": "cherries", "strawberry": "strawberry",
    "pineapple": "pineapple", "watermelon": "watermelon", "grape": "grapes", "lemon": "lemon",
    "carrot": "carrot", "corn": "ear-of-corn", "broccoli": "broccoli", "avocado": "avocado", "bread": "bread",
    "croissant": "croissant", "pretzel": "pretzel", "cheese": "cheese-wedge", "pizza": "pizza",
    "hamburger": "hamburger", "taco": "taco", "egg": "cooking", "doughnut": "doughnut",
    "cake": "birthday-cake", "cupcake": "cupcake", "ice cream": "soft-ice-cream", "lollipop": "lollipop",
    "teapot": "teapot",
    # vehicles
    "car": "automobile", "bus": "bus", "taxi": "taxi", "police car": "police-car", "ambulance": "ambulance",
    "fire engine": "fire-engine", "truck": "delivery-truck", "tractor": "tractor", "racing car": "racing-car",
    "motorcycle": "motorcycle", "bicycle": "bicycle", "train": "locomotive", "airplane": "airplane",
    "helicopter": "helicopter", "rocket": "rocket", "sailboat": "sailboat", "ship": "ship",
    "flying saucer": "flying-saucer",
    # places and objects
    "house": "house", "castle": "castle", "tent": "tent", "church": "church", "volcano": "volcano",
    "fountain": "fountain", "umbrella": "umbrella", "balloon": "balloon", "kite": "kite", "guitar": "guitar",
    "violin": "violin", "trumpet": "trumpet", "drum": "drum", "piano": "musical-keyboard", "camera": "camera",
    "microscope": "microscope", "lamp": "light-bulb", "candle": "candle",
    "clock": "alarm-clock", "key": "key", "hammer": "hammer", "scissors": "scissors",
    "crown": "crown", "shoe": "running-shoe", "dress": "dress", "backpack": "backpack", "book": "open-book",
    "chair": "chair", "bell": "bell", "trophy": "trophy", "teddy bear": "teddy-bear",
    "gift": "wrapped-gift", "heart": "red-heart", "star": "star", "anchor": "anchor",
}
"""Noun as it stands in a caption → name of its sprite in the two Fluent Emoji sets."""

SETTINGS: dict[str, str] = {
    "forest": "in a forest",
    "road": "on the road",
    "night": "at night",
    "sea": "by the sea",
    "desert": "in the desert",
    "garden": "in a garden",
    "mountain": "by a mountain",
    "house": "in front of a house",
}
"""Setting → the words a caption says it with."""

SCENERY: dict[str, str] = {
    "forest": "evergreen-tree", "desert": "cactus", "garden": "tulip", "house": "house",
    "mountain": "snow-capped-mountain", "night": "crescent-moon", "sea": "water-wave", "road": "deciduous-tree",
}
"""Setting → the sprite its backdrop is built from."""


def article(noun: str) -> str:
    """Return the noun with its indefinite article, as captions say it."""
    vowel_sound = noun[0] in "aeiou" and noun != "unicorn"
    return ("an " if vowel_sound else "a ") + noun


def sprite_names() -> list[str]:
    """Return every sprite the demo draws, nouns first, each once, in a fixed order."""
    return list(dict.fromkeys([*NOUNS.values(), *SCENERY.values()]))
