/** Where a user's own pages are, below the issuer. */
export const accountPaths = (tenant: string) => ({
  account: `/t/${tenant}/account`,
  setPassword: `/t/${tenant}/set-password`,
  password: `/t/${tenant}/password`,
  secondFactors: `/t/${tenant}/second-factor`,
});
