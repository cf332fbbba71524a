/** Off-policy judge: two other models answer, and a judge picks the better answer. */
import { firstTwo, JUDGED_REASONS, judgedPairs } from './judged.ts';
import type { DataMethod } from './method.ts';

const ID = 'off_policy_judge';

export const offPolicyJudge: DataMethod = {
	id: ID,
	title: 'off-policy judge',
	source: 'prompts',
	stages: ['answers', 'judgements'],
	answersPerPrompt: 0,
	answersBy: 'others',
	othersPerPrompt: 2,
	comparisons: ({ answers }) => firstTwo(answers, 'answer'),
	build: ({ judgements, answers }) => judgedPairs(ID, judgements, answers),
	leftOutReasons: JUDGED_REASONS,
	texts: {
		choice: 'two answers of other models and a judge',
		planned: () => 'the judge’s picks',
		made: 'judged',
		noPairs: 'Every two answers of which the judge prefers one in both positions become a pair.',
		chosenBy: 'preferred by the judge',
		rejectedBy: 'the other model’s answer',
		ownAnswer: '',
		pair: 'Neither answer is the model’s own. The loss learns from all their differences, and from a manner that may be foreign to the model on both sides.',
		steps: {
			output: 'Two answers of other models to each prompt. The small model writes none.',
			revision: 'A judge reads both answers, in either order, and picks the better one.',
			pair: 'The judge’s pick is chosen, the other answer rejected. Neither is the small model’s own.',
		},
		skipped: 'not sampled',
		skippedNote:
			'This run learns from answers of other models, so its own model samples nothing. The pairs are under',
	},
};
