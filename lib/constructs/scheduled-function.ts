import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { backgroundTouches } from '../../src/api/routes.ts';
import type { DataStack } from '../data-stack.ts';
import type { Stage } from '../stage.ts';
import { type AlarmDefinition, addAlarm } from './alarms.ts';
import { EndpointFunction, type FunctionEnvironment } from './endpoint-function.ts';
import { grantTouches } from './table-access.ts';

/** What everything that runs by itself is made of. */
export interface Deployed {
  readonly data: DataStack;
  readonly stage: Stage;
}

export interface ScheduledFunctionProps extends Deployed {
  /** What it is called, among the constructs of its scope. */
  readonly name: string;
  readonly entry: keyof typeof backgroundTouches;
  /** What it does, as its description says it. */
  readonly purpose: string;
  readonly every: keyof typeof schedules;
  readonly environment?: FunctionEnvironment;
  /** Goes off where it failed three periods in a row. */
  readonly failing?: Pick<AlarmDefinition, 'runbook' | 'description'>;
}

const schedules = {
  minute: { id: 'EveryMinute', rate: Duration.minutes(1), said: 'every minute', alarmPeriod: Duration.minutes(5) },
  hour: { id: 'EveryHour', rate: Duration.hours(1), said: 'every hour', alarmPeriod: Duration.hours(1) },
  day: { id: 'Daily', rate: Duration.days(1), said: 'once a day', alarmPeriod: Duration.days(1) },
} as const;

/** A function that runs by itself, again and again, with the permissions on the table that its entry says. */
export class ScheduledFunction extends Construct {
  readonly function: EndpointFunction;

  constructor(scope: Construct, id: string, props: ScheduledFunctionProps) {
    super(scope, id);
    const { data, stage, name, entry, purpose, environment, failing } = props;
    const schedule = schedules[props.every];
    this.function = new EndpointFunction(this, name, {
      entry,
      description: `Latchkey: ${purpose}, ${schedule.said}`,
      logs: stage,
      ...(environment && { environment }),
      timeout: Duration.minutes(1),
    });
    grantTouches(data.table, this.function, backgroundTouches[entry]);
    new Rule(this, schedule.id, {
      description: `Latchkey: ${purpose}`,
      schedule: Schedule.rate(schedule.rate),
      targets: [new LambdaFunction(this.function.function)],
    });
    if (failing !== undefined)
      addAlarm(this, 'Failed', data.alarmTopic, {
        ...failing,
        metric: this.function.function.metricErrors({ period: schedule.alarmPeriod }),
        threshold: 1,
        periods: 3,
      });
  }
}
