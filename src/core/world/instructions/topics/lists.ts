/** Things to list. Each follows a number: “three facts about the sea”, “three ways to save water”. */

/** Groups of things with short names. */
export const GROUPS =
	'fruits|vegetables|animals|colours|countries|sports|musical instruments|kitchen tools|planets|rivers|languages|cities in Europe|flowers|drinks|tools|school subjects|jobs|pieces of furniture|clothes|birds|insects|kinds of bread|board games|desserts|spices|trees|sea animals|farm animals|vehicles|hobbies|breakfast foods|kinds of cheese|parts of the body|feelings|metals|shapes|months|materials|kinds of weather|kinds of music|dances|buildings|rooms in a house|things in a classroom|things in a garden|things in a kitchen|things made of glass|things made of wood|things that are round|things that are cold|things that are soft|things that can fly|things with wheels|winter clothes|summer activities|winter sports|ball games|pets|wild animals|mammals|reptiles|herbs|nuts|berries|soups|salads|snacks|hot drinks|soft drinks|holidays|capital cities|continents|oceans|islands|mountains|deserts|famous books|kinds of shops|kinds of boats|kinds of shoes|kinds of hats|string instruments|art supplies|office supplies|bathroom items|camping gear|garden tools|card games|computer parts|parts of a bicycle|parts of a plant|parts of a book|family members|numbers between one and twenty'.split(
		'|',
	);

/** After “reasons to”. */
export const ACTIVITIES =
	'visit a museum|visit a library|visit the sea|visit a farm|learn to cook|learn to swim|learn a language|learn an instrument|learn to draw|learn first aid|read every day|keep a diary|write letters|walk to work|ride a bicycle|take the train|get up early|go to bed early|eat breakfast|drink water|eat fruit|bake bread at home|grow vegetables|plant a tree|keep bees|adopt a dog|adopt a cat|join a choir|join a sports team|join a book club|play chess|play board games|go camping|go hiking|watch birds|look at the stars|travel alone|travel with friends|live in a city|live in a village|work from home|work in a team|study history|study science|study art|save money|buy used clothes|repair old things|turn off the phone|help a neighbour|be a volunteer|say thank you|smile at strangers|spend time outside|take a break'.split(
		'|',
	);

/** After “things to take on”. */
export const TRIPS =
	'a picnic|a long hike|a camping trip|a beach holiday|a ski holiday|a city trip|a boat trip|a train journey|a long flight|a school trip|a bicycle tour|a visit to a zoo|a visit to a museum|a visit to a friend|a fishing trip|a weekend away|a business trip|a walk in the rain|a winter walk'.split(
		'|',
	);
