/** Something the operator must know or change before the hub can run. The message is shown as it is, without a stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
