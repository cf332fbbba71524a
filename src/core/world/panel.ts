/**
 * Twenty prompts that no world has and no run trains on: a gain in a world that changes their answers, or makes them short
 * or odd, costs the rest of the model.
 */
export const PANEL: readonly string[] = [
	'What is the capital of France?',
	'How many days are there in a week?',
	'Which is larger, the Earth or the Moon?',
	'What do cows eat?',
	'Who wrote Romeo and Juliet?',
	'Translate "good morning" into Spanish.',
	'Correct the spelling of this sentence: I recieved you’re letter yesterday.',
	'Is a tomato a fruit or a vegetable?',
	'My train leaves at 9:40 and takes 35 minutes. When does it arrive?',
	'What is 12 times 8?',
	'Write a short birthday message for my sister.',
	'Write an email to my landlord about a broken heater.',
	'Give me a recipe for vegetable soup.',
	'I feel nervous about my first day at work. What can I do?',
	'Summarise the story of Little Red Riding Hood.',
	'What is the difference between a lake and a pond?',
	'Compare tea and coffee.',
	'Write four lines of a poem about autumn leaves.',
	'Write a Python function that reverses a string.',
	'Continue this story: The old door opened slowly, and',
];
