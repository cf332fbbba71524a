/** On-policy judge: the target model answers twice, and a judge picks the better answer. */
import { firstTwo, JUDGED_REASONS, judgedPairs } from './judged.ts';
import type { DataMethod } from './method.ts';

const ID = 'on_policy_judge';

export const onPolicyJudge: DataMethod = {
	id: ID,
	title: 'on-policy judge',
	source: 'prompts',
	stages: ['outputs', 'judgements'],
	answersPerPrompt: 2,
	comparisons: ({ outputs }) => firstTwo(outputs, 'output'),
	build: ({ judgements, outputs }) => judgedPairs(ID, judgements, outputs),
	leftOutReasons: JUDGED_REASONS,
	texts: {
		choice: 'two of its own answers and a judge',
		planned: () => 'the judge’s picks',
		made: 'judged',
		noPairs: 'Every two answers of which the judge prefers one in both positions become a pair.',
		chosenBy: 'preferred by the judge',
		rejectedBy: 'its other answer',
		ownAnswer: 'A judge compares it with the model’s other answer to the same prompt.',
		pair: 'Both answers are the model’s own, so the pair can be no better than its better answer. They may differ anywhere, and the loss learns from every difference, also from those that do not matter.',
		steps: {
			output: 'Two answers of the small model to each prompt.',
			revision: 'A judge reads both answers, in either order, and picks the better one.',
			pair: 'The judge’s pick is chosen, the other answer rejected.',
		},
		skipped: '',
		skippedNote: '',
	},
};
