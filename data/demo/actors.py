"""Who is there? The actors of the exercise with their origin, domain, kind and whom they are under."""

from typing import NamedTuple


class Actor(NamedTuple):
    """An actor as the importer wants it: acronym, origin, domain, kind, and the actor it is under."""

    name: str
    acronym: str
    origin: str
    domain: str
    kind: str
    parent: str = ""


ACTORS = (
    Actor("Joint Command", "JC", "national", "military", "joint_command"),
    Actor("3rd Brigade", "3 BDE", "national", "military", "army", "Joint Command"),
    Actor("31st Battalion", "31 BN", "national", "military", "army", "3rd Brigade"),
    Actor("32nd Battalion", "32 BN", "national", "military", "army", "3rd Brigade"),
    Actor("5th Brigade", "5 BDE", "national", "military", "army", "Joint Command"),
    Actor("51st Battalion", "51 BN", "national", "military", "army", "5th Brigade"),
    Actor("Engineer Battalion", "ENG BN", "national", "military", "engineers", "Joint Command"),
    Actor("Naval District East", "NDE", "national", "military", "navy", "Joint Command"),
    Actor("UN mission", "UNMK", "international", "military", "un_peacekeeping_military"),
    Actor("UN mission, Sector East", "UNMK SE", "international", "military", "un_peacekeeping_military", "UN mission"),
    Actor("UN mission, Sector South", "UNMK SS", "international", "military", "un_peacekeeping_military", "UN mission"),
    Actor("UN Police", "UNPOL", "international", "police", "un_police_unpol", "UN mission"),
    Actor("National Police", "NP", "national", "police", "national_police"),
    Actor("National Police, Velmar", "NP VEL", "national", "police", "national_police", "National Police"),
    Actor("Border Guard", "BG", "national", "paramilitary", "border_guard"),
    Actor("Border Guard, Western Command", "BG WC", "national", "paramilitary", "border_guard", "Border Guard"),
    Actor("Coast Guard, East", "CG E", "national", "paramilitary", "coast_guard"),
    Actor("Coast Guard, South", "CG S", "national", "paramilitary", "coast_guard"),
    Actor("Gendarmerie, Kavar", "GEN K", "national", "paramilitary", "gendarmerie"),
    Actor("Upland Self-Defence Council", "USDC", "national", "non_state_armed", "self_defence_group"),
    Actor("Upland Council, Dolmar Column", "UC DOL", "national", "non_state_armed", "self_defence_group",
          "Upland Self-Defence Council"),
    Actor("Western Valleys Front", "WVF", "national", "non_state_armed", "rebel_group"),
    Actor("Quillan Road Group", "QRG", "national", "non_state_armed", "criminal_armed_group"),
    Actor("Harbour Site Guards", "HSG", "national", "private_security", "site_guards"),
    Actor("Corvel Security", "CVS", "foreign", "private_security", "pmc_psc"),
    Actor("Unidentified armed actor", "", "unknown", "unknown", ""),
    Actor("Clearwater Alliance", "CWA", "international", "civil", "ingo"),
    Actor("Northway Relief", "NWR", "international", "civil", "ingo"),
    Actor("Harbour Health", "HH", "national", "civil", "nngo"),
    Actor("Open Shelter Network", "OSN", "international", "civil", "ingo"),
    Actor("Bright Schools Fund", "BSF", "international", "civil", "ingo"),
    Actor("Lakeside Medical", "LKM", "international", "civil", "ingo"),
    Actor("Shoreline Livelihoods", "SLL", "national", "civil", "nngo"),
    Actor("Ministry of Public Works", "MPW", "national", "civil", "government_central"),
    Actor("National Society", "KNS", "national", "civil", "rcrc_national_society"),
)  # fmt: skip


class Organisation(NamedTuple):
    """An organisation of the 3W: its type, how its sheets name its clusters, the district it works from, its reach."""

    name: str
    acronym: str
    type: str
    clusters: tuple[str, ...]
    base: str
    reach: int


ORGANISATIONS = (
    Organisation("Clearwater Alliance", "CWA", "International NGO", ("WASH",), "Miresh", 6),
    Organisation("Northway Relief", "NWR", "International NGO", ("Food Security",), "Velmar", 5),
    Organisation("Harbour Health", "HH", "National NGO", ("Health",), "Lissen", 5),
    Organisation("Open Shelter Network", "OSN", "International NGO", ("Shelter/NFI",), "Kelvar", 5),
    Organisation("Bright Schools Fund", "BSF", "International NGO", ("Education",), "Marrow Hills", 5),
    Organisation("Lakeside Medical", "LKM", "International NGO", ("Health", "Nutrition"), "Sollan", 4),
    Organisation("Shoreline Livelihoods", "SLL", "National NGO", ("Early Recovery",), "Wexen", 5),
    Organisation("National Society", "KNS", "Red Cross/Red Crescent", ("Health", "Shelter/NFI"), "Orlosk", 6),
    Organisation("Harvest Bridge", "HVB", "International NGO", ("Food Security", "Cash"), "Brenn", 7),
    Organisation("Safe Childhood Kavarra", "SCK", "National NGO", ("Child Protection",), "Dunmore Vale", 5),
    Organisation("Women's Voice Network", "WVN", "Local NGO", ("GBV",), "Tessany", 3),
    Organisation("Green Valley Cooperative", "GVC", "Local NGO", ("Food Security",), "Naveth", 4),
    Organisation("Kavarra Mine Action Centre", "KMAC", "Government", ("Mine Action",), "Elmere", 3),
    Organisation("Humanitarian Logistics Service", "HLS", "United Nations", ("Logistics",), "Orlosk", 3),
    Organisation("Common Ground Legal Aid", "CGLA", "National NGO", ("HLP",), "Caldera", 3),
    Organisation("Camp Care International", "CCI", "International NGO", ("CCCM", "Protection"), "Sarova", 3),
)
ACTIVITIES = {
    "WASH": ("Water trucking", "Rehabilitation of water points", "Latrine construction", "Hygiene kits", "Water quality testing"),
    "Food Security": ("General food distribution", "Seeds and tools", "Livestock vaccination", "School meals", "Food vouchers"),
    "Cash": ("Multi-purpose cash, round 1", "Multi-purpose cash, round 2", "Post-distribution monitoring"),
    "Health": ("Mobile clinic", "Support to health posts", "Measles vaccination", "Referral of emergencies", "Training of midwives"),
    "Nutrition": ("Screening of children under five", "Outpatient therapeutic care", "Supplementary feeding"),
    "Shelter/NFI": ("Shelter kits", "Repair of roofs", "Household items", "Winter blankets", "Site planning"),
    "Education": ("Temporary learning spaces", "Teaching materials", "Training of teachers", "Repair of classrooms"),
    "Early Recovery": ("Cash for work", "Repair of jetties", "Small grants to fishers", "Vocational training"),
    "Child Protection": ("Child-friendly spaces", "Case management", "Family tracing", "Training of caregivers"),
    "GBV": ("Safe spaces", "Case management", "Dignity kits"),
    "Mine Action": ("Risk education", "Non-technical survey", "Marking of hazardous areas"),
    "Logistics": ("Common warehouse", "Cargo transport", "Road access updates"),
    "HLP": ("Legal counselling", "Tenancy documents", "Mediation of land disputes"),
    "CCCM": ("Site management", "Site improvement", "Community committees"),
    "Protection": ("Protection monitoring", "Individual assistance", "Information desks"),
}  # fmt: skip
