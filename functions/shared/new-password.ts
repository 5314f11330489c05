import { faultOfPassword } from '../../src/authentication/password-rules.ts';
import type { User } from '../../src/entities/user.ts';
import type { Form } from '../../src/oauth/form.ts';

/** The password that a form's two fields agree on and that is good enough, or what is wrong in words for the user. */
export function chosenPassword(
  form: Form,
  user: Pick<User, 'username' | 'email' | 'name'>,
): { readonly password: string } | { readonly fault: string } {
  const password = form.get('password') ?? '';
  const fault = faultOfPassword(password, user);
  if (fault !== undefined) return { fault };
  if (form.get('confirmation') !== password) return { fault: 'The two passwords are not the same.' };
  return { password };
}
