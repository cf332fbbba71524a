import '../../gpu/attributeSpan.test.ts';
