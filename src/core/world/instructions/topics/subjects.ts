/** Things to describe, by number, because a pronoun must agree with them. The last word of each is its noun. */

/** With an article; a pronoun for them is “it”. */
export const SINGULAR =
	'the sea|the moon|the sun|the desert|the forest|the rainforest|the countryside|the beach|the weekend|the wind|the rain|the alphabet|the internet|the North Pole|the night sky|the heart|the brain|a rainy day|a snowy morning|a summer evening|a busy street|a quiet street|a small village|a big city|a library|a bookshop|a kitchen|a bathroom|a garden|a greenhouse|a farm|a barn|a castle|a palace|a lighthouse|a windmill|a bridge|a tunnel|a harbour|a train station|an airport|a bus stop|a hospital|a pharmacy|a school|a classroom|a playground|a university|a museum|a theatre|a cinema|a concert|a circus|a zoo|an aquarium|a market|a bakery|a restaurant|a cafe|a hotel|a campsite|a swimming pool|a gym|a stadium|a football match|a chess game|a birthday party|a wedding|a picnic|a family dinner|a long flight|a train journey|a road trip|a boat trip|a morning walk|a good friend|a kind neighbour|a teacher|a nurse|a doctor|a baker|a farmer|a firefighter|a pilot|a sailor|a painter|a musician|a dancer|a scientist|a carpenter|a plumber|a gardener|a librarian|a chef|a waiter|a volcano|an island|a waterfall|a glacier|a river|a lake|a pond|a mountain|a valley|a cave|a meadow|a storm|a rainbow|a sunrise|a sunset|a thunderstorm|a snowflake|a shooting star|a planet|a galaxy|a telescope|a microscope|a compass|a map|a globe|a clock|a calendar|a mirror|a candle|a lamp|an umbrella|a pencil|a notebook|a letter|a postcard|a newspaper|a dictionary|a novel|a poem|a song|a piano|a guitar|a violin|a drum|a trumpet|a camera|a photograph|a painting|a statue|a puzzle|a kite|a bicycle|a skateboard|a motorbike|a bus|a lorry|a tractor|a sailing boat|a submarine|a helicopter|a hot air balloon|a rocket|a satellite|a robot|a computer|a keyboard|a printer|a telephone|a radio|a television|a washing machine|a fridge|an oven|a kettle|a teapot|a spoon|a knife|a blanket|a pillow|a sofa|a chair|a table|a wooden door|a window|a staircase|a fireplace|a chimney|a roof|a raincoat|a scarf|a hat|a backpack|a suitcase|a wallet|a key|a bell|a ladder|a hammer|a needle|a magnet|a battery|a light bulb|a dog|a cat|a horse|a cow|a sheep|a goat|a rabbit|a hedgehog|a squirrel|a fox|a wolf|a bear|a lion|a tiger|an elephant|a giraffe|a zebra|a kangaroo|a monkey|a penguin|an owl|an eagle|a parrot|a swan|a duck|a hen|a frog|a turtle|a snake|a shark|a whale|a dolphin|an octopus|a butterfly|a bee|a spider|a snail|an oak tree|a pine tree|a rose|a sunflower|a tulip|a cactus|an apple|a banana|an orange|a lemon|a strawberry|a tomato|a potato|a carrot|an onion|a pumpkin|a pizza|a sandwich|a pancake|a birthday cake'.split(
		'|',
	);

/** Without an article; a pronoun for them is “it”. */
export const MASS =
	'winter|spring|summer|autumn|music|jazz|classical music|folk music|dance|poetry|chess|football|basketball|tennis|swimming|running|cycling|hiking|climbing|skiing|yoga|gardening|cooking|baking|painting|drawing|photography|knitting|fishing|sailing|camping|reading|sleep|breakfast|lunch|bread|butter|cheese|milk|honey|chocolate|coffee|tea|lemonade|orange juice|rice|pasta|salt|sugar|pepper|cinnamon|olive oil|ice cream|water|snow|ice|fog|thunder|lightning|sand|glass|paper|gold|silver|iron|copper|wood|cotton|wool|silk|leather|plastic|fire|light|gravity|electricity|magnetism|energy|friendship|kindness|patience|courage|honesty|laughter|silence|homework|money|advertising|public transport|tourism|recycling|farming|geography|history|biology|chemistry|physics|mathematics|astronomy'.split(
		'|',
	);

/** Plural; a pronoun for them is “they” or “them”. */
export const PLURAL =
	'dogs|cats|horses|elephants|lions|wolves|bears|foxes|dolphins|whales|sharks|penguins|owls|parrots|bees|ants|butterflies|spiders|frogs|turtles|dinosaurs|birds|insects|trees|flowers|roses|tulips|mushrooms|apples|bananas|oranges|grapes|berries|potatoes|tomatoes|carrots|beans|nuts|spices|biscuits|pancakes|sandwiches|clouds|stars|planets|comets|volcanoes|rivers|lakes|oceans|waves|mountains|islands|deserts|forests|caves|storms|rainbows|seasons|holidays|weekends|birthdays|festivals|fireworks|parades|museums|libraries|schools|hospitals|airports|bridges|tunnels|castles|pyramids|lighthouses|towers|skyscrapers|gardens|parks|farms|markets|villages|cities|bicycles|trains|buses|ships|aeroplanes|rockets|satellites|robots|computers|telephones|cameras|clocks|maps|books|comics|letters|newspapers|photographs|paintings|statues|songs|pianos|guitars|violins|drums|board games|card games|puzzles|toys|kites|candles|lamps|windows|doors|mirrors|umbrellas|shoes|gloves|hats|glasses|coins|stamps|batteries|magnets|teachers|doctors|nurses|farmers|bakers|pilots|sailors|painters|musicians|neighbours|grandparents|pets'.split(
		'|',
	);

/** Ways to ask for a short text about a subject. */
export const SUBJECT_REQUESTS = [
	'describe {}',
	'tell me about {}',
	'write about {}',
	'say something about {}',
	'tell me something interesting about {}',
] as const;
