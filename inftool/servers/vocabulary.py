"""Words that a simulated world is made of: names of people, places and things, as real products would hold them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Place(NamedTuple):
    """One real city with what belongs to it."""

    city: str
    region: str
    region_code: str
    country: str
    country_code: str
    airport: str
    airport_name: str
    zone: str
    latitude: float
    longitude: float
    postal: str
    dial: str
    currency: str
    locale: str


PLACES: tuple[Place, ...] = (
    Place("Lisbon", "Lisbon", "LI", "Portugal", "PT", "LIS", "Humberto Delgado Airport", "Europe/Lisbon", 38.7223, -9.1393, "1100-148", "+351", "EUR", "pt-PT"),
    Place("Berlin", "Berlin", "BE", "Germany", "DE", "BER", "Berlin Brandenburg Airport", "Europe/Berlin", 52.52, 13.405, "10115", "+49", "EUR", "de-DE"),
    Place("Chicago", "Illinois", "IL", "United States", "US", "ORD", "O'Hare International Airport", "America/Chicago", 41.8781, -87.6298, "60601", "+1", "USD", "en-US"),
    Place("Toronto", "Ontario", "ON", "Canada", "CA", "YYZ", "Toronto Pearson International Airport", "America/Toronto", 43.6532, -79.3832, "M5H 2N2", "+1", "CAD", "en-CA"),
    Place("Edinburgh", "Scotland", "SC", "United Kingdom", "GB", "EDI", "Edinburgh Airport", "Europe/London", 55.9533, -3.1883, "EH1 1YZ", "+44", "GBP", "en-GB"),
    Place("Osaka", "Osaka", "OS", "Japan", "JP", "KIX", "Kansai International Airport", "Asia/Tokyo", 34.6937, 135.5023, "530-0001", "+81", "JPY", "ja-JP"),
    Place("Austin", "Texas", "TX", "United States", "US", "AUS", "Austin-Bergstrom International Airport", "America/Chicago", 30.2672, -97.7431, "78701", "+1", "USD", "en-US"),
    Place("Copenhagen", "Capital Region", "CR", "Denmark", "DK", "CPH", "Copenhagen Airport", "Europe/Copenhagen", 55.6761, 12.5683, "1050", "+45", "DKK", "da-DK"),
    Place("Melbourne", "Victoria", "VIC", "Australia", "AU", "MEL", "Melbourne Airport", "Australia/Melbourne", -37.8136, 144.9631, "3000", "+61", "AUD", "en-AU"),
    Place("Barcelona", "Catalonia", "CT", "Spain", "ES", "BCN", "Josep Tarradellas Airport", "Europe/Madrid", 41.3874, 2.1686, "08001", "+34", "EUR", "es-ES"),
    Place("Seattle", "Washington", "WA", "United States", "US", "SEA", "Seattle-Tacoma International Airport", "America/Los_Angeles", 47.6062, -122.3321, "98101", "+1", "USD", "en-US"),
    Place("Dublin", "Leinster", "LE", "Ireland", "IE", "DUB", "Dublin Airport", "Europe/Dublin", 53.3498, -6.2603, "D02 X285", "+353", "EUR", "en-IE"),
    Place("Vienna", "Vienna", "VI", "Austria", "AT", "VIE", "Vienna International Airport", "Europe/Vienna", 48.2082, 16.3738, "1010", "+43", "EUR", "de-AT"),
    Place("Montreal", "Quebec", "QC", "Canada", "CA", "YUL", "Montréal-Trudeau International Airport", "America/Toronto", 45.5017, -73.5673, "H2Y 1C6", "+1", "CAD", "fr-CA"),
    Place("Stockholm", "Stockholm County", "AB", "Sweden", "SE", "ARN", "Stockholm Arlanda Airport", "Europe/Stockholm", 59.3293, 18.0686, "111 29", "+46", "SEK", "sv-SE"),
    Place("Nairobi", "Nairobi County", "NB", "Kenya", "KE", "NBO", "Jomo Kenyatta International Airport", "Africa/Nairobi", -1.2921, 36.8219, "00100", "+254", "KES", "en-KE"),
    Place("Singapore", "Singapore", "SG", "Singapore", "SG", "SIN", "Changi Airport", "Asia/Singapore", 1.3521, 103.8198, "018956", "+65", "SGD", "en-SG"),
    Place("Denver", "Colorado", "CO", "United States", "US", "DEN", "Denver International Airport", "America/Denver", 39.7392, -104.9903, "80202", "+1", "USD", "en-US"),
    Place("Milan", "Lombardy", "MI", "Italy", "IT", "MXP", "Milan Malpensa Airport", "Europe/Rome", 45.4642, 9.19, "20121", "+39", "EUR", "it-IT"),
    Place("Boston", "Massachusetts", "MA", "United States", "US", "BOS", "Logan International Airport", "America/New_York", 42.3601, -71.0589, "02108", "+1", "USD", "en-US"),
    Place("Auckland", "Auckland", "AUK", "New Zealand", "NZ", "AKL", "Auckland Airport", "Pacific/Auckland", -36.8509, 174.7645, "1010", "+64", "NZD", "en-NZ"),
    Place("Warsaw", "Masovia", "MZ", "Poland", "PL", "WAW", "Warsaw Chopin Airport", "Europe/Warsaw", 52.2297, 21.0122, "00-001", "+48", "PLN", "pl-PL"),
    Place("Lyon", "Auvergne-Rhône-Alpes", "ARA", "France", "FR", "LYS", "Lyon-Saint Exupéry Airport", "Europe/Paris", 45.764, 4.8357, "69001", "+33", "EUR", "fr-FR"),
    Place("Amsterdam", "North Holland", "NH", "Netherlands", "NL", "AMS", "Schiphol Airport", "Europe/Amsterdam", 52.3676, 4.9041, "1012 JS", "+31", "EUR", "nl-NL"),
    Place("San Diego", "California", "CA", "United States", "US", "SAN", "San Diego International Airport", "America/Los_Angeles", 32.7157, -117.1611, "92101", "+1", "USD", "en-US"),
    Place("Prague", "Prague", "PR", "Czechia", "CZ", "PRG", "Václav Havel Airport", "Europe/Prague", 50.0755, 14.4378, "110 00", "+420", "CZK", "cs-CZ"),
    Place("Oslo", "Oslo", "OS", "Norway", "NO", "OSL", "Oslo Gardermoen Airport", "Europe/Oslo", 59.9139, 10.7522, "0150", "+47", "NOK", "nb-NO"),
    Place("Atlanta", "Georgia", "GA", "United States", "US", "ATL", "Hartsfield-Jackson Airport", "America/New_York", 33.749, -84.388, "30303", "+1", "USD", "en-US"),
    Place("Zurich", "Zurich", "ZH", "Switzerland", "CH", "ZRH", "Zurich Airport", "Europe/Zurich", 47.3769, 8.5417, "8001", "+41", "CHF", "de-CH"),
    Place("Bristol", "England", "EN", "United Kingdom", "GB", "BRS", "Bristol Airport", "Europe/London", 51.4545, -2.5879, "BS1 4DJ", "+44", "GBP", "en-GB"),
    Place("Cape Town", "Western Cape", "WC", "South Africa", "ZA", "CPT", "Cape Town International Airport", "Africa/Johannesburg", -33.9249, 18.4241, "8001", "+27", "ZAR", "en-ZA"),
    Place("Helsinki", "Uusimaa", "UU", "Finland", "FI", "HEL", "Helsinki Airport", "Europe/Helsinki", 60.1699, 24.9384, "00100", "+358", "EUR", "fi-FI"),
)  # fmt: skip

ADJECTIVES = "Amber Quiet Northern Hidden Silver Golden Distant Winter Crimson Gentle Broken Hollow Bright Wandering Early Last Second Paper Salt Copper Blue Velvet Open Little Long Green Iron Secret".split()  # fmt: skip
NOUNS = "Harbour Lantern Orchard River Garden Compass Letter Bridge Island Season Meadow Mirror Road Tide Archive Lighthouse Forest Kitchen Atlas Summer Sparrow Station Valley Clock Coast Window Cellar Market".split()  # fmt: skip
MATERIALS = "Oak Linen Steel Ceramic Walnut Cotton Leather Bamboo Glass Wool Copper Canvas Marble Cork".split()
GOODS = "Desk Lamp|Backpack|Water Bottle|Throw Blanket|Coffee Grinder|Bookshelf|Wall Clock|Cutting Board|Travel Mug|Notebook|Picture Frame|Side Table|Umbrella|Messenger Bag|Candle Holder|Bath Towel|Serving Bowl|Pillow|Headphones|Keyboard|Phone Stand|Chair|Floor Rug|Tea Set".split("|")  # fmt: skip
STREETS = "Maple Street|Church Road|Harbour Lane|Station Road|Mill Lane|Park Avenue|Elm Street|King Street|Orchard Way|Riverside Drive|Cedar Avenue|Victoria Road|Lindenstrasse|Hill Road|Market Square|Willow Court|Rose Street|Bridge Street|High Street|Birch Lane".split("|")  # fmt: skip
COMPANIES = "Northwind Traders|Halden & Co|Bluebird Logistics|Cedar Health|Lumen Studio|Ferrous Works|Acorn Foods|Meridian Travel|Oakline Furniture|Brightwater Energy|Kestrel Systems|Juniper Labs|Harbor Freight Lines|Pinecrest Dental|Solstice Media|Tandem Bikes|Verdant Farms|Copperfield Bank|Atlas Print|Skylark Airways|Redwood Legal|Marlow Textiles|Quayside Insurance|Fjord Outdoor|Larkspur Design|Granite Construction|Willow Pharmacy|Beacon Analytics".split("|")  # fmt: skip

# What a thing of some kind is called. The key is a word of the resource's name.
THINGS: dict[str, tuple[str, ...]] = {
    "task": tuple("Update the onboarding guide|Call the printer about the proofs|Prepare slides for Monday|Renew the domain name|Order new desk chairs|Review the vendor contract|Book travel for the offsite|Reconcile March expenses|Draft the release notes|Clean up the shared drive|Interview the design candidate|Back up the photo archive|Write the survey questions|Plan the summer menu|Check fire alarm batteries|Send invoices to partners".split("|")),
    "issue": tuple("Login page redirects twice on Safari|Export to CSV drops the last row|Search ignores accented letters|Dark mode shows white flash on load|Password reset email arrives late|Chart labels overlap on small screens|Upload fails for files over 20 MB|Notification badge does not clear|Time zone is wrong in weekly report|Memory use grows after long sessions|Sorting by price is case sensitive|Broken link in the footer|Add keyboard shortcuts to the editor|Crash when the cart is empty|Slow query on the orders page|Typo on the billing screen".split("|")),
    "ticket": tuple("Cannot sign in after update|Charged twice for one month|Please change my delivery address|Invoice shows the wrong VAT number|App freezes on the start screen|Refund has not arrived|How do I add a team member|Package arrived damaged|Cannot download my receipt|Need a copy of last year's statement|Printer not found on network|VPN drops every hour".split("|")),
    "event": tuple("Quarterly planning|Design review|Dentist appointment|Team lunch|Product demo|Budget meeting|Yoga class|Parent-teacher evening|Sprint retrospective|Board meeting|Piano lesson|Customer call|Book club|Hiring sync|Birthday dinner|Release rehearsal|Lecture on medieval maps|Night market".split("|")),
    "project": tuple("Website relaunch|Mobile checkout|Data warehouse move|Customer portal|Office renovation|Annual report|Spring catalogue|Payments migration|Field survey|Loyalty programme|Brand refresh|Inventory audit".split("|")),
    "milestone": tuple("Beta release|Public launch|Design freeze|Pilot with three customers|Security audit passed|Version 2.0|First paying customer|Data migrated".split("|")),
    "sprint": tuple("Sprint 21|Sprint 22|Sprint 23|Sprint 24|Sprint 25|Sprint 26".split("|")),
    "team": tuple("Platform|Customer Care|Growth|Field Sales|Design|Data|Finance|People Operations|Mobile|Infrastructure|Research|Marketing".split("|")),
    "department": tuple("Cardiology|Finance|Human Resources|Legal|Sales|Engineering|Radiology|Operations|Marketing|Procurement".split("|")),
    "room": tuple("Living room|Kitchen|Main bedroom|Hallway|Study|Nursery|Garage|Bathroom|Guest room|Conservatory|Laundry room|Attic".split("|")),
    "device": tuple("Hallway thermostat|Kitchen ceiling light|Front door lock|Bedroom lamp|Garden camera|Garage door sensor|Living room speaker|Study desk lamp|Bathroom fan|Porch light|Nursery humidifier|Patio heater|Window blind|Coffee machine plug".split("|")),
    "light": tuple("Kitchen ceiling|Reading lamp|Porch light|Hallway spots|Desk lamp|Dining pendant|Bedside left|Bedside right|Garden path|Wardrobe strip".split("|")),
    "scene": tuple("Movie night|Good morning|Away|Dinner|Reading|Bedtime|Party|Focus|Relax|Vacation".split("|")),
    "automation": tuple("Lights off at midnight|Heat up before breakfast|Lock up when away|Close blinds at sunset|Water the garden|Porch light at dusk|Coffee at seven".split("|")),
    "category": tuple("Kitchen|Garden|Outdoor|Stationery|Lighting|Fiction|Toys|Bedding|Travel|Electronics|Sports|Health|Food and drink".split("|")),
    "collection": tuple("Summer Picks|New Arrivals|Staff Favourites|Gift Ideas|Back to School|Winter Warmers|Best Sellers|Last Chance|Nordic Living|Under Twenty".split("|")),
    "tag": tuple("urgent|blocked|frontend|customer|idea|bug|later|finance|travel|family|design|research".split("|")),
    "label": tuple("bug|enhancement|documentation|good first issue|help wanted|security|performance|regression|design|backend".split("|")),
    "genre": tuple("Mystery|Science Fiction|Jazz|Documentary|Romance|Folk|Thriller|Biography|Fantasy|Indie".split("|")),
    "folder": tuple("Invoices|Holiday photos|Contracts|Drafts|Tax 2024|Receipts|Recipes|Archive|Presentations|Research".split("|")),
    "file": tuple("budget-2025.xlsx|team-photo.jpg|offer-letter.pdf|floor-plan.png|meeting-notes.docx|logo-final.svg|survey-results.csv|contract-signed.pdf|roadmap.pptx|menu-draft.pdf".split("|")),
    "document": tuple("Employee handbook|Lease agreement|Meeting notes|Project charter|Travel policy|Release checklist|Price list|Style guide|Onboarding plan|Incident report".split("|")),
    "page": tuple("Getting started|Team goals|Reading list|Meeting notes|Release checklist|Travel plans|Recipe ideas|Interview questions|Home renovation|Weekly review".split("|")),
    "channel": tuple("general|announcements|design-feedback|support|random|engineering|sales-wins|lunch|incidents|book-club".split("|")),
    "playlist": tuple("Morning Run|Deep Focus|Sunday Jazz|Road Trip|Dinner Party|Rainy Day|Nineties Mix|Gym".split("|")),
    "song": tuple("Paper Boats|Northern Lights|Slow Train Home|Glass Houses|Midnight Market|Golden Hour|Wildfire|Silver Lining|Harbour Song|Second Summer".split("|")),
    "album": tuple("Salt and Stone|Evening Trains|Quiet Weather|The Long Way|Blue Rooms|Letters Home|Northbound|Afterglow".split("|")),
    "movie": tuple("The Last Ferry|Winter in Porto|A Quiet Arrangement|Second Signal|The Cartographer|Night Shift|Paper Moon Hotel|Thirty Bridges".split("|")),
    "recipe": tuple("Lemon lentil soup|Mushroom risotto|Sheet-pan salmon|Black bean tacos|Roast pumpkin salad|Chicken pot pie|Miso noodles|Apple crumble".split("|")),
    "dish": tuple("Grilled sea bass|Mushroom risotto|Margherita pizza|Lamb tagine|Pad thai|Caesar salad|Tiramisu|Pumpkin soup".split("|")),
    "restaurant": tuple("The Olive Press|Casa Marlowe|Golden Lotus|Brick Lane Grill|Le Petit Jardin|Harbour Kitchen|Taberna Azul|Nonna Rosa".split("|")),
    "hotel": tuple("Hotel Miramar|The Garden House|Station Hotel|Grand Meridian|Harbour View Inn|Old Mill Lodge|Park Plaza Suites|Casa Azul".split("|")),
    "course": tuple("Introduction to Statistics|Watercolour Basics|Conversational Spanish|Data Visualisation|Bread Baking|Project Management|Modern History|First Aid".split("|")),
    "account": tuple("Everyday account|Savings pot|Joint household|Business current|Holiday fund|Emergency savings|Student account|Rent and bills|Rainy day fund|Euro account".split("|")),
    "card": tuple("Everyday debit|Travel card|Business expenses|Online shopping|Groceries card|Backup card|Family card|Fuel card".split("|")),
    "campaign": tuple("Spring newsletter|Back to school|Loyalty relaunch|Black Friday preview|Win-back series|Summer sale|Referral drive|Holiday gift guide".split("|")),
    "plan": tuple("Starter|Standard|Professional|Team|Business|Enterprise|Family|Student".split("|")),
    "playground": tuple("Elm Park|Riverside|Old Town|Meadow Lane".split("|")),
    "pet": tuple("Biscuit|Luna|Pepper|Milo|Olive|Ziggy|Hazel|Bruno|Poppy|Otis|Maple|Rocket".split("|")),
    "vehicle": tuple("Toyota Corolla|Ford Transit|Volvo XC60|Renault Kangoo|Tesla Model 3|VW Golf|Skoda Octavia|Hyundai Ioniq 5".split("|")),
    "museum": tuple("Harbour Museum|Museum of Early Maps|City Gallery|Textile Museum".split("|")),
    "repository": tuple("billing-service|web-client|design-tokens|data-pipeline|mobile-app|infra-modules|docs-site|search-indexer".split("|")),
    "branch": tuple("main|fix/login-redirect|feature/export-csv|release/2.4|chore/bump-deps|feature/dark-mode".split("|")),
    "group": tuple("Greenhouse|Weather station|Workshop|Family|Evening class|Ground floor|Upstairs|Volunteers|Neighbours|Allotment".split("|")),
    "feed": tuple("Greenhouse temperature|Soil moisture|Front door|Water level|Room humidity|Battery voltage|Wind speed|Garage light".split("|")),
    "dashboard": tuple("Greenhouse overview|Weekly revenue|Home energy|Support load|Site traffic|Garden sensors|Team health".split("|")),
    "webhook": tuple("Order sync|Slack alerts|CRM bridge|Stock updates|Audit log|Invoice mailer".split("|")),
    "workspace": tuple("Marketing|Client work|Research lab|Personal|Operations|Studio".split("|")),
    "board": tuple("Roadmap|Content calendar|Hiring|Bug triage|House move|Editorial".split("|")),
    "list": tuple("Groceries|Packing|Reading|Gift ideas|To do this week|Camping gear|Wish list".split("|")),
    "calendar": tuple("Work|Family|Holidays|Team rota|Training|Birthdays|Site visits|Classes".split("|")),
    "service": tuple("Appointment reminders|Order updates|Marketing alerts|Two-factor codes|Delivery notices|Support desk|Billing notices".split("|")),
    "template": tuple("Monthly retainer|Standard invoice|Welcome letter|Project quote|Weekly report|Offer letter".split("|")),
    "region": tuple("Europe|North America|Nordics|United Kingdom|Asia Pacific|Latin America|Middle East|Oceania".split("|")),
    "depot": tuple("Northgate depot|Harbour depot|East hub|Airport hub|Southbank depot|Mill Road depot|Central sorting|West hub".split("|")),
    "warehouse": tuple("Northgate warehouse|Dockside store|East hub|Airport warehouse|Mill Road store|Central warehouse".split("|")),
    "store": tuple("Market Square store|Riverside shop|Station kiosk|High Street store|Old Town shop|Airport shop".split("|")),
    "courier": tuple("SwiftLine|Parcelwise|Northstar Couriers|GreenWheel|BlueVan Express|CityHop|Longhaul Direct|Featherpost".split("|")),
    "airline": tuple("Skylark Airways|Northern Air|Aurora Airlines|Blue Coast|Meridian Air".split("|")),
    "medication": tuple("Amoxicillin|Ibuprofen|Metformin|Lisinopril|Atorvastatin|Omeprazole|Salbutamol|Paracetamol|Cetirizine|Amlodipine".split("|")),
    "skill": tuple("Spreadsheet modelling|Public speaking|Welding|French|Photography|Negotiation".split("|")),
    "reward": tuple("Free coffee|Ten percent off|Birthday treat|Priority boarding|Lounge visit".split("|")),
    "promotion": tuple("SPRING10|WELCOME5|FREESHIP|SUMMER20|LOYAL15|BUNDLE25".split("|")),
    "coupon": tuple("SPRING10|WELCOME5|FREESHIP|SUMMER20|LOYAL15|BUNDLE25".split("|")),
    "key": tuple("Production server|CI pipeline|Mobile app|Analytics export|Staging|Partner access".split("|")),
    "token": tuple("Production server|CI pipeline|Mobile app|Analytics export|Staging|Partner access".split("|")),
    "job": tuple("Nightly backup|Invoice export|Thumbnail refresh|Search reindex|Report mailer|Data import".split("|")),
    "referral": tuple("Cardiology follow-up|Knee MRI|Physiotherapy assessment|Dermatology opinion|Hearing test|Sleep study|Eye examination|Allergy testing".split("|")),
    "review": tuple("Could not put it down|Better than expected|A quiet triumph|Not for me|Great value|Lovely gift|Solid, with flaws|Exactly as described|Slow start, strong finish|My new favourite|Disappointing ending|Would buy again|Too short|Charming and useful".split("|")),
    "home": tuple("Maple House|City flat|Lake cabin|Parents' house|Beach apartment|Number 14|Old mill|Garden flat".split("|")),
    "property": tuple("Maple House|City flat|Lake cabin|Beach apartment|Number 14|Garden flat".split("|")),
    "clinic": tuple("Cedar Health|Willow Surgery|Harbour Medical Centre|Northgate Clinic|Riverside Practice|Park Street Surgery".split("|")),
    "allergy": tuple("Penicillin|Peanuts|Latex|Pollen|Shellfish|Bee stings|Ibuprofen|Eggs".split("|")),
    "dosage": tuple("One tablet every morning|Two tablets twice a day|5 ml three times a day|One capsule before meals|One puff when needed|Half a tablet at night".split("|")),
    "aircraft": tuple("Airbus A320neo|Boeing 737-800|Embraer E190|Airbus A350-900|ATR 72-600|Boeing 787-9".split("|")),
    "statement": tuple("January statement|February statement|March statement|April statement|May statement|June statement|July statement|August statement".split("|")),
    "exhibition": tuple("Maps of the Night Sky|Glass and Fire|Letters from the Coast|The Iron Age Today|Paper Worlds".split("|")),
}  # fmt: skip
ALIASES = {
    "todo": "task", "bug": "issue", "story": "issue", "defect": "issue", "incident": "issue", "case": "ticket", "request": "ticket", "meeting": "event", "appointment": "event", "session": "event", "booking": "event",
    "sensor": "device", "appliance": "device", "thing": "device", "bulb": "light", "lamp": "light", "routine": "automation", "rule": "automation", "trigger": "automation",
    "space": "room", "zone": "room", "medicine": "medication", "drug": "medication", "prescription": "medication", "car": "vehicle", "truck": "vehicle", "van": "vehicle", "track": "song",
    "film": "movie", "show": "movie", "shop": "store", "outlet": "store", "hub": "depot", "site": "depot", "facility": "depot", "carrier": "courier", "shipper": "courier", "directory": "folder", "article": "document", "post": "document", "note": "document",
    "meal": "dish", "menu": "dish", "lesson": "course", "class": "course", "training": "course", "subscription": "plan", "tier": "plan", "package": "plan", "wallet": "account", "pot": "account",
    "epic": "project", "initiative": "project", "squad": "team", "board_member": "team", "voucher": "coupon", "discount": "coupon", "cat": "pet", "dog": "pet", "animal": "pet", "exhibit": "exhibition", "image": "file", "attachment": "file", "photo": "file", "asset": "file", "media": "file", "secret": "key", "sprint_goal": "milestone", "release": "milestone", "facet": "category", "topic": "category", "kind": "category",
}  # fmt: skip
PERSON_NOUNS = frozenset("person user customer client patient author member employee contact passenger guest student teacher doctor practitioner nurse driver owner assignee reporter tenant resident citizen applicant candidate attendee participant player artist speaker agent operator staff manager creator sender recipient lead donor volunteer owner holder beneficiary payee traveler traveller subscriber profile reviewer instructor organizer host physician therapist buyer seller adult child dependent signer borrower cardholder".split())  # fmt: skip
COMPANY_NOUNS = frozenset("company organization organisation vendor supplier merchant business employer firm brand manufacturer partner publisher agency provider bank insurer tenant institution charity club school hospital clinic practice advertiser distributor".split())  # fmt: skip
PLACE_NOUNS = frozenset("city town destination origin place location airport station port stop".split())

SENTENCES = {
    "book": "A slow-burning story about two sisters who inherit a boat yard.|A practical handbook with forty recipes and clear drawings.|An account of a winter crossing, told in letters.|Essays on memory, maps and the places we leave.|A detective returns to the island where she grew up.|A warm family novel set above a bakery.",
    "product": "Made from responsibly sourced material and finished by hand.|Light, sturdy and easy to clean.|Comes with a two-year warranty and spare parts.|A compact design that fits small homes.|Water-resistant, with a padded inner pocket.",
    "review": "Arrived quickly and works exactly as described.|I expected a bit more, but it does the job.|Beautifully made; I have already bought a second one.|The second half drags, yet the ending is worth it.|Great value, though the colour is darker than in the picture.|Would happily recommend it to a friend.",
    "issue": "Happens every time on the latest version; a reload helps for a minute.|Several customers reported this since Tuesday's release.|Steps: open the page, sort by date, then press back.|We agreed to fix this before the next release.|Low priority, but it looks unprofessional.",
    "comment": "I can reproduce this on my machine.|Looks good to me, thanks for the quick fix.|Could you add a screenshot, please?|Moved to next week because the data is late.|Done, please have another look.|Let us talk about this on Thursday.",
    "message": "Your order is ready to be picked up.|Running ten minutes late, sorry!|Can we move our call to Thursday?|Thanks, that solved it.|Please find the updated numbers attached.|See you at the station at six.",
    "medical": "Mild fever since two days, no known allergies.|Follow-up after knee surgery, pain is improving.|Annual check-up, patient feels well.|Persistent dry cough, worse at night.|Blood pressure to be checked again in four weeks.",
    "delivery": "Leave with the neighbour at number 12.|Ring the bell twice, please.|Fragile: ceramics inside.|Deliver after 5 pm.|Gate code is posted by the mailbox.",
    "event": "Please bring last month's figures.|We will meet at the side entrance.|Agenda: open questions, budget, next steps.|Casual dress, food is provided.|Remote guests can join by video.",
    "transaction": "Card payment at Acorn Foods|Transfer to savings|Monthly rent|Salary|Standing order, electricity|Refund from Tandem Bikes|Cash withdrawal, Station Road|Direct debit, Brightwater Energy|Transfer from Joint household|Coffee and lunch|Train ticket|Pharmacy purchase",
    "parcel": "Parcel handed over to the courier|Arrived at the sorting depot|Left the depot|Out for delivery|Delivered to the recipient|Delivery attempted, nobody home",
    "general": "Agreed with the team on Monday.|Needs a second look before the end of the month.|Updated after the call with the customer.|Keep this one for the archive.|First draft, comments are welcome.|To be confirmed by the office.|Replaces the version from last year.",
    "reason": "The customer changed their mind.|Ordered by mistake.|The date no longer works.|A better price was found elsewhere.|The item arrived damaged.|Requested by the account owner.",
    "bio": "Writes about small towns and the sea.|Former teacher who began writing at forty.|Lives with two cats and too many notebooks.|Award-winning essayist and translator.|Grew up on a farm and studied botany.",
}  # fmt: skip
SENTENCE_OF = {
    "book": "book", "novel": "book", "product": "product", "item": "product", "variant": "product", "review": "review", "rating": "review", "feedback": "review", "issue": "issue", "bug": "issue", "task": "issue", "ticket": "issue", "story": "issue",
    "comment": "comment", "reply": "comment", "message": "message", "sms": "message", "notification": "message", "email": "message", "mail": "message", "patient": "medical", "appointment": "medical", "prescription": "medical", "visit": "medical", "referral": "medical",
    "transaction": "transaction", "payment": "transaction", "transfer": "transaction", "charge": "transaction", "tracking": "parcel", "shipment": "delivery", "parcel": "delivery", "order": "delivery", "pickup": "delivery", "delivery": "delivery", "address": "delivery", "event": "event", "meeting": "event", "calendar": "event", "author": "bio", "profile": "bio", "artist": "bio", "speaker": "bio",
}  # fmt: skip

JOBS = "Product Designer|Account Manager|Nurse|Electrician|Data Analyst|Office Manager|Software Engineer|Teacher|Accountant|Architect|Chef|Physiotherapist".split("|")
SPECIALTIES = "General practice|Cardiology|Dermatology|Paediatrics|Orthopaedics|Physiotherapy|Ophthalmology|Neurology".split("|")
COLORS = "black white navy red green grey blue yellow brown orange purple teal".split()
BANKS = "Copperfield Bank|Northgate Savings|Harbour Union|First Meridian|Lakeside Credit Union".split("|")
WORDS = "amber harbor lantern maple orbit pebble quartz river sierra timber velvet willow cobalt delta ember falcon garnet indigo juniper kestrel lotus meadow nectar onyx prairie saffron tundra vista zephyr".split()  # fmt: skip
GENRES = "mystery|literary fiction|science fiction|history|poetry|travel|cooking|biography".split("|")
LANGUAGES = ("en", "de", "fr", "es", "pt", "it", "nl", "sv")


@lru_cache(maxsize=1)
def people() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and last names, out of Faker's American English provider (its tables only: no generator, no locale look-up)."""
    from faker.providers.person.en_US import Provider

    plain = [name for name in Provider.last_names if name.isascii() and name.isalpha() and 3 < len(name) < 11]
    first = [name for name in Provider.first_names if name.isascii() and name.isalpha() and 2 < len(name) < 10]
    return tuple(sorted(set(first))), tuple(sorted(set(plain)))
