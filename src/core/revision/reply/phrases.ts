/**
 * Words of refusals, of "nothing to change" and of talk about an edit, in the languages of common models. They
 * decide nothing by themselves: the callers also compare the text with the original. Every pattern is an
 * alternation of short phrases without unbounded repetition, so that it takes linear time.
 */

/** Joins phrases of English, which end at a word boundary, and phrases of other languages, which may go on. */
function phrases(english: readonly string[], others: readonly string[] = []): RegExp {
	return new RegExp(String.raw`\b(?:${english.join('|')})\b|${others.join('|') || '(?!)'}`, 'iu');
}

const NOT = String.raw`(?:can(?:no|['’]?)t|can not|could(?:n['’]?t| not)|unable|not able|won['’]?t|will not|would(?:n['’]?t| not)|not (?:be )?(?:possible|appropriate|comfortable|allowed|permitted|willing|ethical|in a position)|inappropriate|impossible|do(?:n['’]?t| not) (?:feel|think|want|wish|have)|not going to|decline|refuse|refrain|rather not|against (?:my|our|the) (?:guidelines|policy|policies|rules))`;
const SORRY = String.raw`(?:sorry|unfortunately|apologi[sz]e|apologies|regret|afraid|sadly|regrettably)`;
const SPEAKER = String.raw`(?:i|i['’]m|i['’]d|me|my|we|our|us)`;

/** A refusal of the whole request. */
export const REFUSAL = phrases(
	[
		String.raw`${SORRY}\b[^.!?\n]{0,80}\b${NOT}`,
		String.raw`${NOT}\b[^.!?\n]{0,60}\b(?:help|assist|comply|fulfil|revise|edit|rewrite|correct|provide|answer|respond|continue|engage|do (?:this|that|so)|process|complete|take part)\w{0,4}`,
		String.raw`${SPEAKER}\b[^.!?\n]{0,24}\b${NOT}`,
		String.raw`${NOT}\b[^.!?\n]{0,24}\b${SPEAKER}`,
		String.raw`as an? (?:ai|language model|large language model|assistant)\b`,
		String.raw`(?:content|usage|safety|our|my) (?:policy|policies|guidelines)`,
		String.raw`violates?\b[^.!?\n]{0,40}\b(?:policy|policies|guidelines|rules)`,
	],
	[
		'tut mir (?:sehr )?leid|leider|nicht in der lage|(?:kann|darf|möchte|werde) (?:ich )?[^.!?\\n]{0,40}nicht|nicht möglich|muss (?:ich )?ablehnen|entschuldig',
		'lo siento|lamento|lamentablemente|desafortunadamente|no puedo|no me es posible|no es posible|disculp|no estoy en condiciones|me temo|no es apropiado|prefiero no',
		"désolé|je ne (?:peux|puis|suis pas)|malheureusement|impossible de|m[’']excuse|je regrette|je refuse",
		'mi dispiace|purtroppo|non posso|non sono in grado|spiacente',
		'desculp|infelizmente|não posso|não consigo|não é possível|sinto muito',
		'het spijt me|helaas|(?:kan|mag) (?:ik )?[^.!?\\n]{0,30}niet',
		'tyvärr|desværre|dessverre|beklager|ledsen|(?:kan|kunne) (?:jag|jeg) (?:inte|ikke)|jeg kan ikke|jag kan inte',
		'przykro mi|niestety|nie mogę|przepraszam|bohužel|nemohu|nemůžu|omlouvám|sajnálom|nem tudok',
		'извините|простите|к сожалению|не могу|сожале|на жаль|не можу|вибачте',
		'üzgünüm|maalesef|yapamam|edemem|edemiyorum',
		'抱歉|对不起|對不起|无法|無法|我不能|申し訳|できません|すみません|죄송|할 수 없|도와드릴 수',
		'آسف|أعتذر|لا أستطيع|لا يمكنني|क्षमा|माफ़|मुझे खेद|xin lỗi|tidak (?:dapat|bisa)|maaf',
		'ขออภัย|ขอโทษ|ไม่สามารถ|מצטער|סליחה|לא יכול|λυπάμαι|δεν μπορώ|ვწუხარ|ցավում եմ|দুঃখিত|மன்னிக்கவும்',
	],
);

/** A whole text of one or two words that declines. */
export const REFUSED = new RegExp(
	String.raw`^[^\p{L}\p{N}]{0,8}(?:${[
		'refus(?:ed|al|e|é|ée)|declined?|denied|rejected|forbidden|(?:je |i )?(?:refuse|décline|decline)|abgelehnt|verweigert|ablehnung',
		'rechazad[oa]|rechazo|denegad[oa]|me niego|rifiut(?:o|ato)|recus(?:o|ado|a)|geweigerd|odmawiam|odmowa|odmítám|nekad|avslag',
		'отказ(?:ываюсь|ано)?|отклонено|відмова|відмовляюсь?|запрещено|отказвам',
		'拒[绝絕否](?:します|回答)?|不行|不可以|不可能|做不到|お断りします?|無理(?:です)?|거부(?:합니다)?|거절(?:합니다)?|안 ?됩니다|불가(?:능)?',
		'أرفض|رفض|مرفوض|ممنوع|अस्वीकार|अस्वीकृत|इनकार|ปฏิเสธ|מסרב|מסרבת|סירוב|αρνούμαι|άρνηση|từ chối|menolak|ditolak|reddediyorum|reddedildi',
	].join('|')})[^\p{L}\p{N}]{0,8}$`,
	'iu',
);

const CHANGE = String.raw`(?:changes?|corrections?|edits?|revisions?|improvements?|modifications?|adjustments?|amendments?|errors?|mistakes?|fix(?:es)?)`;

/** The answer needs no change. */
export const UNCHANGED = phrases(
	[
		String.raw`(?:no|zero|without(?: any)?) (?:further |other |additional |more |major )?(?:\w{1,14} )?${CHANGE}`,
		String.raw`nothing (?:to|needs?|needed|was|is|should|has|requires?|wrong)`,
		String.raw`unchanged|unmodified|unaltered|unrevised`,
		String.raw`already (?:\w{1,10} )?(?:correct|perfect|good|fine|clear|right|accurate|great|excellent|complete)`,
		String.raw`no need|needs? no|need not|needn['’]t`,
		String.raw`(?:does|do|did)(?:n['’]?t| not) (?:need|require)`,
		String.raw`(?:left|kept|keep|leave|stays?|remains?|stands?|fine|good|perfect|correct)(?: it)? as (?:it )?is`,
		String.raw`(?:stays?|remains?|left|kept) (?:the same|as before)|same as (?:above|before|the|original)`,
		String.raw`identical to|see (?:above|original)|(?:is|are|was|looks?|sounds?) (?:all )?(?:correct|perfect|fine|good|great|right|flawless)(?: as)?`,
		String.raw`(?:perfect|correct|fine|good) as (?:it|is|written)`,
		String.raw`(?:did|do|would|will|should|can|could)(?:n['’]?t| not) (?:change|be changed|be improved|need)`,
	],
	[
		'kein(?:e[nr]?)? (?:weiteren? )?(?:änderung|korrektur|verbesserung|fehler|anpassung)|unverändert|(?:bereits|schon) (?:korrekt|richtig|perfekt|gut|fehlerfrei)|nichts zu (?:ändern|korrigieren|verbessern)|bleibt (?:gleich|so)|wie oben',
		'sin (?:cambios|modificaci|correcci)|ningún cambio|ninguna (?:corrección|modificación)|no (?:se )?(?:necesita|requiere|precisa|hacen? falta|es necesario|hay (?:cambios|nada|errores))|ya (?:es|está) (?:correct|perfect|bien)|igual que|es (?:correct|perfect)|está bien',
		'aucune? (?:modification|changement|correction|erreur)|inchangé|déjà (?:correct|parfait|juste|bon)|rien à (?:changer|corriger|modifier)|pas (?:besoin|nécessaire)',
		'nessun[ao]? (?:modific|correzion|cambiament|error)|invariat|già (?:corrett|perfett|giust)|niente da (?:cambiare|correggere)',
		'nenhuma? (?:alteraç|mudanç|correç)|sem alteraç|inalterad|já est[áa] (?:corret|perfeit)|não (?:precisa|requer|há)',
		'geen (?:wijziging|correctie|verandering|aanpassing|fouten)|ongewijzigd|al (?:correct|goed|juist|perfect)',
		'inga (?:ändringar|korrigeringar)|oförändrad|ingen (?:ændringer|endringer)|uændret|uendret',
		'bez zmian|bez (?:změn|úprav)|nie wymaga|без изменений|не требу|уже (?:правильн|верн)|без змін',
		'değişiklik (?:yok|gerek)|无需|無需|不需要|没有(?:需要)?(?:修改|更改|变化)|保持不变|変更(?:なし|不要|は(?:ない|不要|ありません|必要))|修正(?:なし|不要|は(?:不要|ありません|必要))|そのまま|변경.{0,6}(?:없|필요)|수정.{0,6}(?:없|필요)',
	],
);

/** A whole text that stands for "nothing". */
export const NOTHING =
	/^[^\p{L}\p{N}]{0,8}(?:n[./]{0,2}a|not applicable|none|nil|nothing|ditto|idem|ibid|blank|empty|same|correct|perfect|good|fine|okay|as is|no[_ -]?changes?|keine?|nada|rien|ninguno|aucun|nessuno)[^\p{L}\p{N}]{0,8}$/iu;

const RESULT = '(?:solution|answer|version|response|reply|text|sentence|draft|paragraph|wording)s?';
const EDITED =
	'(?:corrected|revised|improved|edited|minimally|rewritten|updated|clearer|polished|fixed|cleaned|proofread|amended|refined)';

/** The text speaks about the edit, the original or the student. */
export const MENTION = phrases([
	String.raw`${EDITED}(?: (?:student(?:['’]?s)?|\w{1,12}))?,? ${RESULT}`,
	String.raw`(?:the|this|your|original) student(?:['’]?s)? ${RESULT}`,
	String.raw`(?:the|your) original (?:${RESULT}|said|says|had|has|used|was|wrote|read|reads)`,
	String.raw`(?:i|we)(?:['’]ve| have|['’]d| had)?(?: \w{1,10})? (?:corrected|revised|rewritten|rewrote|improved|fixed|edited|adjusted|modified|changed|replaced|kept|preserved|retained|clarified)`,
	String.raw`this (?:revision|correction|edit|version)|(?:revision|correction) of the (?:original|answer|solution)`,
	String.raw`(?:changes?|corrections?|edits?|revisions?|modifications?) (?:made|above|include|i)`,
]);

/** An offer or a comment to the person who asked, or talk about the changes. */
export const TALK = phrases(
	[
		String.raw`let me know|feel free|hope (?:this|that|it) (?:\w{1,8} )?helps?|would you like|don['’]t hesitate`,
		String.raw`if you(?:['’]d| would) like|if you(?: would)? (?:want|need|prefer)|is there anything|do you want|as requested`,
		String.raw`happy to|glad to|good luck|well done|keep up|(?:nice|good|great) (?:try|work|job|effort)|before[ |]{1,5}after|(?:does|do) (?:this|that|it|these) (?:work|look|help|sound)|work for you`,
		String.raw`(?:is|are|reads?|sounds?|flows?|makes? it)(?: now)?(?: much)? (?:clearer|better|smoother|more)`,
		String.raw`explanations?|summary of|key (?:changes|edits)|what (?:i )?changed|changes? made|rationale|justification`,
		String.raw`(?:i|we)(?:['’]ve| have)? (?:also |only |just )?(?:made|added|removed|left|tried|aimed|used|copied|made sure|ensured)`,
	],
	[
		'ich habe [^.!?\\n]{0,50}(?:korrigiert|geändert|verbessert|überarbeitet|ersetzt|behalten|angepasst)|änderung|korrigiert|überarbeitet|hier ist|hier die|erklärung|erläuterung|anmerkung|hinweis:|bescheid|lass mich wissen|ich hoffe',
		'he (?:corregido|cambiado|mejorado|revisado|mantenido|sustituido)|cambios|corregid|aquí (?:está|tienes|va)|explicación|avísame|espero que',
		"j[’']ai (?:corrigé|modifié|changé|gardé|amélioré|remplacé|conservé)|modifications?|corrigée?|voici|explication|remarque|n[’']hésitez|dites-moi|j[’']espère",
		'ho (?:corretto|cambiato|modificato|migliorato|mantenuto)|modifiche|ecco|spiegazione|fammi sapere|spero che',
		'(?:corrigi|alterei|mudei|mantive|melhorei)|alterações|aqui está|explicação|espero que|avise',
		'ik heb [^.!?\\n]{0,50}(?:gecorrigeerd|veranderd|verbeterd|aangepast)|wijzigingen|hier is|uitleg|laat (?:me|het) weten',
		'zmian|poprawi|oto |wyjaśnienie|исправ|изменени|вот |пояснение|объяснение|надеюсь|виправ',
		'说明|解释|修改|改动|希望|以下是|説明|修正|変更|以下|수정|변경|설명|다음은',
	],
);

/** Labels of remarks; the pattern matches the whole label. */
export const REMARK_LABEL =
	/^(?:(?:the|key|main|summary of|list of|what|my|your|teacher(?:['’]s)?|some|minor|other)[ ])*(?:explanation|reasoning|rationale|justification|notes?|n\.?b|changes?|edits?|corrections?|revisions?|modifications?|improvements?|adjustments?|comments?|commentary|feedback|remarks?|summary|why|changed|fixed|differences?|diff|erklärung|erläuterung|begründung|anmerkung(?:en)?|hinweise?|änderung(?:en)?|korrektur(?:en)?|explicación|notas?|cambios|correcciones|motivo|explication|remarques?|modifications|changements|raison|spiegazione|modifiche|explicação|alterações|uitleg|wijzigingen|opmerking|wyjaśnienie|zmiany|пояснение|объяснение|изменения|примечание|说明|解释|修改|改动|注|説明|変更点?|修正点?|설명|수정|변경)(?:[ ](?:made|i made|explained|log|changed|list))?$/iu;

/** Terms of language teaching, which a remark about an edit uses without naming its author. */
export const GRAMMAR =
	/\b(?:corrected|revised|rewritten|proofread|grammar|grammatical|wording|punctuation|spelling|verbs?|agreement|tenses?|typos?|plural|singular)\b/iu;

/** Words for a change to a text, in a remark on the line of the answer. */
export const EDIT_WORD = phrases(
	[
		String.raw`(?:re)?(?:changed|fixed|corrected|replaced|edited|revised|adjusted|modified|amended|reworded|rewritten|rephrased|updated|tweaked|improved|swapped|inserted|deleted|removed|added|capitali[sz]ed)`,
		String.raw`(?:was|were|used to be|originally|previously|formerly)[: ]{1,3}["“‘'«]|instead of|rather than|typos?|spelling|grammar|agreement|punctuation|no changes?|edits?|corrections?|fix(?:es)?`,
	],
	[
		'geändert|ersetzt|korrig|verbessert|angepasst|ergänzt|entfernt|statt ',
		'corregi|cambi(?:é|ado|ada|o:)|sustitu|reemplaz|modifi|corrig|remplac|chang[ée]|ajout|supprim|corrett|sostitui|cambiat|substitu|alterad|alterei',
		'gewijzigd|verbeterd|aangepast|vervangen|rettet|endret|ændret|ändra|rätta|popraw|zmieni|oprav|změn|исправ|замен|измен|виправ|düzelt|değişti',
		'改成|改为|改為|修改|修正|更正|换成|替换|纠正|訂正|直し|変更|고쳤|수정|변경|바꿨|바꾸|सुधार|बदल|تصحيح|غيرت|đã sửa|diperbaiki|diubah',
	],
);

/** The writer of a remark speaks as a person. */
export const FIRST_PERSON = phrases(
	[String.raw`i(?:['’](?:ve|m|d|ll))?|my|your teacher`],
	[String.raw`\b(?:ich|je|j[’']ai|yo|io|eu|ik|jag|jeg)\b|(?:^|\s)я\s|我|私|僕|나는|제가`],
);

/** Words of agreement and of announcement that introduce an answer. */
export const ANNOUNCEMENT = phrases(
	[
		String.raw`here(?: is|['’]s| are| you)|below (?:is|you|are)|the following|sure|certainly|of course|absolutely|(?:great|good) question`,
		String.raw`corrected|revised|rewritten|improved|proofread|polished|cleaned`,
	],
	[
		'gerne|hier ist|hier die|claro|aquí|voici|bien sûr|certainement|ecco|certo|aqui está|hier is|natuurlijk|oto |вот |конечно|以下|好的|다음은|물론',
	],
);

/** Words that open a letter or a message: a short first line with them is a greeting. */
export const GREETING =
	/^(?:dear|hello|hi|hey|good (?:morning|afternoon|evening|day)|to whom|greetings|hallo|liebe[rs]?|sehr geehrte[rs]?|guten (?:tag|morgen|abend)|estimad[oa]s?|querid[oa]s?|hola|buen[oa]s|cher|chère|chers|bonjour|madame|monsieur|mesdames|caro|cara|gentile|spett|ciao|olá|prezad[oa]|beste|geachte|kära|hej|уважаем|здравствуй|привет|drogi|szanown)/iu;

/** `Answer:`, `Corrected version:`, in front of the answer on the same line. */
export const ANSWER_LABEL = new RegExp(
	String.raw`^[*_#"'\s]{0,8}(?:(?:the|my|your|a|here is|here['’]s)\s)?(?:(?:final|corrected|revised|improved|edited|updated|new|better|clearer|full|complete|student(?:['’]?s)?|${EDITED})\s){0,4}(?:${RESULT}|corrected|revised|improved|output|result|after|student|rewrite|revision|correction)\s?(?:\([^()\n]{0,30}\))?[*_"']{0,3}\s?[:：][*_]{0,3}`,
	'iu',
);

/** The same alone on a line. */
export const ANSWER_HEADING = new RegExp(
	String.raw`^[*_#"'\s]{0,8}(?:(?:the|my|your|final|new|better|clearer|full|complete|student(?:['’]?s)?|${EDITED})\s){0,4}(?:${RESULT}|corrected|revised|improved|output|result|rewrite|revision|correction)[*_"'\s]{0,8}$`,
	'iu',
);
