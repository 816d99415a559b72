"""What the invented company is: Tarnfell, a maker of outdoor equipment, in names and round figures."""

from dataclasses import dataclass

NAME = "Tarnfell Outdoor"
BASE_CURRENCY = "EUR"


@dataclass(frozen=True)
class Line:
    """A product family: how its products are called, priced, made and asked for over the year."""

    code: str
    name: str
    group: str
    series: tuple[str, ...]
    variants: tuple[str, str]
    price: float
    level: float  # pieces a month of a middling product in a middling market
    peak: int  # the month of the year that sells best
    swing: float  # how strongly the year swings around its mean
    cost_share: float
    resource: str
    hours: float  # per piece on that resource


GROUPS = {
    "SLEEP": "Shelter and sleep",
    "CARRY": "Packs and bags",
    "KITCHEN": "Camp kitchen",
    "WEAR": "Clothing and winter",
}

# fmt: off
LINES = (
    Line("TENTS", "Tents", "SLEEP", ("Tarn", "Ridge", "Heron", "Birch", "Summit"),
         ("2-person tent", "4-person tent"), 289, 46, 5, 0.85, 0.56, "SEW-1", 1.30),
    Line("BAGS", "Sleeping bags", "SLEEP", ("Fjell", "Moor", "Loch", "Cairn", "Drift"),
         ("down sleeping bag", "synthetic sleeping bag"), 179, 58, 6, 0.60, 0.58, "SEW-1", 0.75),
    Line("MATS", "Sleeping mats", "SLEEP", ("Slate", "Plume", "Reed", "Pebble", "Cloud"),
         ("sleeping mat", "sleeping mat wide"), 79, 88, 6, 0.55, 0.52, "MOULD-1", 0.22),
    Line("DAYPACKS", "Daypacks", "CARRY", ("Skye", "Alder", "Pike", "Brook", "Fern"),
         ("daypack 18 l", "daypack 26 l"), 84, 96, 8, 0.30, 0.51, "SEW-2", 0.48),
    Line("PACKS", "Trekking packs", "CARRY", ("Torridon", "Nevis", "Sarek", "Dovre", "Rila"),
         ("trekking pack 50 l", "trekking pack 65 l"), 199, 44, 5, 0.50, 0.54, "SEW-2", 0.95),
    Line("TRAVEL", "Travel bags", "CARRY", ("Harbour", "Quay", "Ferry", "Pier", "Lagoon"),
         ("duffel 60 l", "duffel 90 l"), 99, 52, 6, 0.35, 0.50, "SEW-2", 0.42),
    Line("STOVES", "Stoves", "KITCHEN", ("Ember", "Flint", "Spark", "Kindle", "Torch"),
         ("gas stove", "multi-fuel stove"), 69, 84, 5, 0.50, 0.48, "METAL-1", 0.18),
    Line("COOKWARE", "Cookware", "KITCHEN", ("Hearth", "Copper", "Larder", "Cinder", "Anvil"),
         ("pot set", "pan set"), 54, 80, 5, 0.40, 0.47, "METAL-1", 0.16),
    Line("FLASKS", "Flasks", "KITCHEN", ("Spring", "Burn", "Well", "Rill", "Source"),
         ("flask 0.5 l", "flask 1 l"), 32, 190, 7, 0.25, 0.44, "MOULD-1", 0.06),
    Line("SHELLS", "Shell jackets", "WEAR", ("Gale", "Squall", "Haar", "Storm", "Mist"),
         ("shell jacket men", "shell jacket women"), 249, 54, 10, 0.45, 0.53, "SEW-1", 1.05),
    Line("INSULATED", "Insulated jackets", "WEAR", ("Eider", "Plover", "Fulmar", "Osprey", "Skua"),
         ("insulated jacket men", "insulated jacket women"), 219, 56, 11, 0.80, 0.55, "SEW-1", 0.90),
    Line("SNOWSHOES", "Snowshoes", "WEAR", ("Frost", "Rime", "Firn", "Glacier", "Cornice"),
         ("snowshoes 22 in", "snowshoes 25 in"), 149, 26, 12, 1.30, 0.57, "METAL-1", 0.55),
)

COLOURS = ("", "moss", "slate", "rust", "ink", "sand", "pine", "plum", "ochre", "ice", "clay", "dusk",
           "lichen", "coal", "heather", "amber", "fog", "cobalt", "barley", "cherry", "teal", "bark")

# code, name, region, country code, channel, currency, share of sales, yearly growth
MARKETS = (
    ("DE-RETAIL", "Germany retail", "DACH", "DE", "EUR", 1.55, 0.02),
    ("DE-ONLINE", "Germany online", "DACH", "DE", "EUR", 1.20, 0.11),
    ("AT-RETAIL", "Austria retail", "DACH", "AT", "EUR", 0.60, 0.03),
    ("FR-RETAIL", "France retail", "WEST", "FR", "EUR", 1.10, 0.01),
    ("FR-ONLINE", "France online", "WEST", "FR", "EUR", 0.80, 0.09),
    ("GB-RETAIL", "United Kingdom retail", "WEST", "GB", "GBP", 0.95, -0.03),
    ("NL-ONLINE", "Netherlands online", "WEST", "NL", "EUR", 0.70, 0.13),
    ("SE-RETAIL", "Sweden retail", "NORDICS", "SE", "EUR", 0.75, 0.04),
)
REGIONS = {"EUROPE": ("Europe", ""), "DACH": ("Germany, Austria", "EUROPE"),
           "WEST": ("Western Europe", "EUROPE"), "NORDICS": ("Nordics", "EUROPE")}
COUNTRIES = {"DE": ("Germany", "DACH"), "AT": ("Austria", "DACH"), "FR": ("France", "WEST"),
             "GB": ("United Kingdom", "WEST"), "NL": ("Netherlands", "WEST"), "SE": ("Sweden", "NORDICS")}

CURRENCIES = {"EUR": ("Euro", 1.0), "GBP": ("Pound sterling", 1.165), "USD": ("US dollar", 0.915)}

UNITS = {"PCE": "Piece", "MTR": "Metre", "KGM": "Kilogram"}

# code, name, kind, market
SITES = (
    ("PLANT-GDA", "Gdańsk plant", "plant", ""),
    ("PLANT-BRN", "Brno plant", "plant", ""),
    ("DC-LEJ", "Leipzig warehouse", "warehouse", "DE"),
    ("DC-LIL", "Lille warehouse", "warehouse", "FR"),
    ("DC-LBA", "Leeds warehouse", "warehouse", "GB"),
    ("SUP-PORTO", "Porto fabric supplier", "supplier", ""),
)

# code, name, site, hours a month, regular cost, overtime cost, share of the load it was built for
RESOURCES = (
    ("SEW-1", "Sewing line 1", "PLANT-GDA", 27.0, 40.5, 1.04),
    ("SEW-2", "Sewing line 2", "PLANT-GDA", 26.0, 39.0, 1.18),
    ("MOULD-1", "Moulding", "PLANT-BRN", 38.0, 57.0, 1.30),
    ("METAL-1", "Metal forming", "PLANT-BRN", 34.0, 51.0, 1.22),
    ("PACK-1", "Packing", "PLANT-GDA", 19.0, 28.5, 1.35),
    ("PACK-2", "Packing", "PLANT-BRN", 18.5, 27.5, 1.35),
)
PACKING = {"PLANT-GDA": ("PACK-1", 0.05), "PLANT-BRN": ("PACK-2", 0.04)}

# code, name, unit, cost, groups it goes into, quantity per piece
COMPONENTS = (
    ("FAB-NYL", "Ripstop nylon", "MTR", 4.20, ("SLEEP", "CARRY"), 2.6),
    ("FAB-PES", "Recycled polyester", "MTR", 3.10, ("CARRY", "WEAR"), 1.9),
    ("FAB-MEM", "Waterproof membrane", "MTR", 11.50, ("WEAR",), 2.1),
    ("FILL-DOWN", "Down", "KGM", 62.00, ("SLEEP",), 0.45),
    ("FILL-SYN", "Synthetic fill", "KGM", 7.80, ("SLEEP", "WEAR"), 0.6),
    ("POLE-ALU", "Aluminium pole set", "PCE", 14.90, ("SLEEP",), 1.0),
    ("ZIP-80", "Zip 80 cm", "PCE", 1.15, ("SLEEP", "CARRY", "WEAR"), 2.0),
    ("BUCKLE", "Buckle", "PCE", 0.32, ("CARRY",), 6.0),
    ("WEBBING", "Webbing", "MTR", 0.55, ("CARRY",), 4.5),
    ("STEEL-SHT", "Stainless steel sheet", "KGM", 3.60, ("KITCHEN",), 0.7),
    ("BURNER", "Brass burner head", "PCE", 5.40, ("KITCHEN",), 1.0),
    ("GRANULATE", "Polypropylene granulate", "KGM", 1.90, ("KITCHEN",), 0.3),
)

CHAINS = ("Nordwand", "Bergfreund", "Alpinum", "Wegweiser", "Sentier", "Grand Air", "Col du Midi",
          "Fell and Moor", "Hillcraft", "Crag House", "Buitenpad", "Duinrand", "Fjällstugan", "Vildmark",
          "Gipfelhaus", "Almhütte", "Randonnée", "Peakside", "Trailhead", "Waldläufer")
SHOPS = ("Sport", "Outdoor", "Mountain shop", "Expedition", "Camping", "Adventure store", "Trek and camp")
WEB_SHOPS = ("Bergversand", "Marktplatz Nord", "Clicamp", "Tente et Cie", "Kampeerwereld",
             "Tarnfell web shop")
CITIES = {
    "DE": ("München", "Berlin", "Hamburg", "Köln", "Stuttgart", "Leipzig", "Freiburg", "Dresden"),
    "AT": ("Wien", "Innsbruck", "Salzburg", "Graz", "Linz"),
    "FR": ("Lyon", "Grenoble", "Paris", "Lille", "Bordeaux", "Toulouse", "Annecy"),
    "GB": ("London", "Manchester", "Leeds", "Edinburgh", "Bristol", "Keswick"),
    "NL": ("Amsterdam", "Utrecht", "Rotterdam", "Eindhoven"),
    "SE": ("Stockholm", "Göteborg", "Umeå", "Malmö", "Östersund"),
}

# code, name, job title, manager, market
REPS = (
    ("R01", "Ingrid Sommer", "Head of sales", "", "EUROPE"),
    ("R02", "Jonas Brandt", "Sales manager Germany, Austria", "R01", "DACH"),
    ("R03", "Claire Dumont", "Sales manager west", "R01", "WEST"),
    ("R04", "Lena Vogt", "Key account manager", "R02", "DE-RETAIL"),
    ("R05", "Tobias Kern", "Sales rep", "R02", "DE-RETAIL"),
    ("R06", "Mira Scholz", "Online account manager", "R02", "DE-ONLINE"),
    ("R07", "Anton Huber", "Sales rep", "R02", "AT-RETAIL"),
    ("R08", "Julien Moreau", "Sales rep", "R03", "FR-RETAIL"),
    ("R09", "Sophie Lambert", "Online account manager", "R03", "FR-ONLINE"),
    ("R10", "Harriet Cole", "Sales rep", "R03", "GB-RETAIL"),
    ("R11", "Owen Pritchard", "Sales rep", "R03", "GB-RETAIL"),
    ("R12", "Femke de Wit", "Online account manager", "R03", "NL-ONLINE"),
    ("R13", "Elin Sandberg", "Sales rep", "R01", "SE-RETAIL"),
    ("R14", "Oskar Lind", "Sales rep", "R01", "SE-RETAIL"),
)
# fmt: on
