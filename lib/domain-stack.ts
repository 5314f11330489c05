import { Stack } from 'aws-cdk-lib';
import { BasePathMapping, CfnDomainName, DomainName, EndpointType, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayDomain } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { RestApi } from './constructs/rest-api.ts';
import type { DomainOptions } from './stage.ts';

export interface DomainStackProps {
  readonly domain: DomainOptions;
  readonly auth: RestApi;
  readonly admin: RestApi;
  readonly api: RestApi;
}

/** One regional custom domain before the three APIs, by base path. */
export class DomainStack extends Stack {
  constructor(scope: Construct, id: string, { domain, ...apis }: DomainStackProps) {
    super(scope, id, { description: `Latchkey: ${domain.name}` });
    const domainName = new DomainName(this, 'Domain', {
      domainName: domain.name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', domain.certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    // The AAAA record below would have no address to give for a name of IPv4 alone, which is the default.
    const { defaultChild } = domainName.node;
    if (defaultChild instanceof CfnDomainName)
      defaultChild.addPropertyOverride('EndpointConfiguration.IpAddressType', 'dualstack');
    const basePaths = {
      auth: apis.auth,
      admin: apis.admin,
      api: apis.api,
      // RFC 8414 §3.1 puts the well-known part before the issuer's path.
      '.well-known': apis.auth,
    };
    for (const [basePath, { api }] of Object.entries(basePaths))
      new BasePathMapping(this, `BasePath-${basePath}`, {
        domainName,
        basePath,
        restApi: api,
        stage: api.deploymentStage,
      });
    if (domain.hostedZone !== undefined) {
      const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
        hostedZoneId: domain.hostedZone.id,
        zoneName: domain.hostedZone.name,
      });
      const target = RecordTarget.fromAlias(new ApiGatewayDomain(domainName));
      new ARecord(this, 'Ipv4', { zone, recordName: domain.name, target });
      new AaaaRecord(this, 'Ipv6', { zone, recordName: domain.name, target });
    }
  }
}
