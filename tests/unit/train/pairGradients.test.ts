import '../../gpu/pairGradients.test.ts';
