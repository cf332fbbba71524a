/** The lessons in the order of the shelf. To add one: write its file and name it here. */
import type { Lesson } from './lesson.ts';
import { chance } from './lessons/chance.ts';
import { chosenWentDown } from './lessons/chosenWentDown.ts';
import { editSmall } from './lessons/editSmall.ts';
import { firstLoop } from './lessons/firstLoop.ts';
import { longAnswers } from './lessons/longAnswers.ts';
import { ownObjective } from './lessons/ownObjective.ts';
import { wrongTool } from './lessons/wrongTool.ts';

export const LESSONS: readonly Lesson[] = [
	firstLoop,
	editSmall,
	longAnswers,
	wrongTool,
	chosenWentDown,
	ownObjective,
	chance,
];

/** Undefined if there is no such lesson, for example in a link of a newer version. */
export const findLesson = (id: string): Lesson | undefined => LESSONS.find((lesson) => lesson.id === id);
