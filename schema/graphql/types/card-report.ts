import type { CardReport } from '../../../src/domain/repo/card-validation.ts';
import { builder } from '../builder.ts';
import { COST } from '../../costs.ts';
import { RepoTypeEnum } from '../repo-ref.ts';

const CardReportObject = builder.objectRef<CardReport>('CardReport').implement({
  description:
    'What is wrong with the front matter of a README. Errors keep it from being committed by clients.',
  fields: (t) => ({
    isValid: t.boolean({ resolve: ({ errors }) => errors.length === 0 }),
    errors: t.exposeStringList('errors'),
    warnings: t.exposeStringList('warnings'),
  }),
});

builder.queryField('validateCard', (t) =>
  t.field({
    type: CardReportObject,
    args: {
      type: t.arg({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
      content: t.arg.string({ required: true, description: 'The whole README' }),
    },
    complexity: COST.comparison,
    resolve: (_root, { type, content }, { services }) => services.cards.validate(type, content),
  }),
);
